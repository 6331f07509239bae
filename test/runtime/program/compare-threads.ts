import type { MultiIndex } from "../../../src/index.ts";
import { randomRows } from "../../train/rows.ts";

/** The parts of the package that threads need. */
export interface ThreadedLibrary {
  readonly load: typeof import("../../../src/index.ts").load;
  readonly threads: typeof import("../../../src/threads/index.ts").threads;
  readonly build: typeof import("../../../src/train/index.ts").build;
}

export interface ThreadsReport {
  /** The SHA-256 of the answers without threads. */
  readonly answers: string;
  /** The calls that any number of threads answers differently. */
  readonly differing: readonly string[];
  /** The error message of a call after `dispose`. */
  readonly disposed: string;
}

/** So many rows of int8 that threads read them together for a single query. A quarter of them is enough of f32. */
const [N, DIM] = [17_000, 64];
const BATCH = 17;
const queries = randomRows(BATCH * DIM, 2);

const CALLS: Readonly<Record<string, (index: MultiIndex) => unknown>> = {
  "topK, a query": (index) => index.topK(queries.subarray(0, DIM), 10, { exact: true }),
  "topK, a batch": (index) => index.topK(queries, 10, { exact: true, batch: BATCH }),
  "the full softmax of a query": (index) => index.predict(queries.subarray(0, DIM), 10, { exact: true, seed: 1 }),
  "the full softmax of a batch": (index) => index.predict(queries, 10, { exact: true, seed: 1, batch: BATCH }),
  "log Z of a query": (index) => index.logPartition(queries.subarray(0, DIM), { exact: true, seed: 1 }),
  "log Z at a temperature": (index) => index.logPartition(queries, { exact: true, temperature: 0.5, batch: BATCH }),
};

/** Compares the answers of several threads with those without. Threads of an index that stays open must not keep a process. */
export async function compareThreads({ load, threads, build }: ThreadedLibrary): Promise<ThreadsReport> {
  const data = randomRows(N * DIM, 1);
  const differing: string[] = [];
  let all = "";
  let disposed = "";
  for (const [rowType, rows, counts] of [
    ["i8", N, [2, 3, 8]],
    ["f32", N / 4, [3, 2]],
  ] as const) {
    const vectors = { data: data.subarray(0, rows * DIM), shape: [rows, DIM] as const };
    const file = await build(vectors, { bits: 1, seed: 1, rowType, calibrate: "off" });
    const alone = await load(file);
    const expected = Object.entries(CALLS).map(([name, call]) => [name, call, textOf(call(alone))] as const);
    all += JSON.stringify(expected.map(([, , text]) => text));
    for (const count of counts) {
      const together = await load(file, { threads: threads(count) });
      for (const [name, call, text] of expected) {
        if (textOf(call(together)) !== text) differing.push(`${name}, ${rowType} rows, ${count} threads`);
      }
      if (count === 3) continue; // it stays open
      together.dispose();
      disposed = messageOf(() => together.topK(queries, 1, { batch: BATCH }));
    }
  }
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(all));
  const answers = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { answers, differing, disposed };
}

/** Returns the JSON of an answer, with all digits of its numbers but for random seeds. */
const textOf = (answer: unknown): string =>
  JSON.stringify(answer, (key, value) => {
    if (key === "seed") return undefined;
    return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
  });

function messageOf(call: () => unknown): string {
  try {
    call();
    return "";
  } catch (error) {
    return String(error);
  }
}
