// Threads beside one thread (npm run bench:threads), on the head of 100,000 tokens with each row type, by the bundles in
// dist/. The numbers of threads take turns with the same queries. Cells are the time of one thread over that of several: the
// fastest turns of each, because threads wait for cores that other programs use, and, in brackets, CPU time, which shows
// what threads cost. The load of the machine is printed beside them.
import { availableParallelism, cpus, loadavg } from "node:os";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { haveTokens, tokensHead } from "./heads.ts";
import { build } from "./library.ts";
import { grouped, table } from "./page.ts";

const DIST = new URL("../dist/", import.meta.url);
const { load } = (await import(`${DIST}index.js`)) as typeof import("../src/index.ts");
const { threads } = (await import(`${DIST}threads.js`)) as typeof import("../src/threads/index.ts");

const COUNTS = [2, 4].filter((count) => count <= Math.max(2, availableParallelism()));
const TURNS = 25;
const BATCH = 100;

type Call = (index: MultiIndex, queries: Float32Array, batch: { batch?: number }) => unknown;
const CALLS: Readonly<Record<string, Call>> = {
  "topK, k = 10, exact": (index, queries, batch) => index.topK(queries, 10, { exact: true, ...batch } as object),
  "predict, k = 10, exact: the full softmax": (index, queries, batch) =>
    index.predict(queries, 10, { exact: true, seed: 1, ...batch } as object),
  "logPartition, exact": (index, queries, batch) =>
    index.logPartition(queries, { exact: true, seed: 1, ...batch } as object),
};

/** Milliseconds of a turn: those that passed, and those of all cores together. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

if (haveTokens()) {
  const head = tokensHead("tokens", 100_000);
  const { data, itemCount, dim, bias, counts, queries } = head;
  const rows: string[][] = [];
  for (const rowType of ["i8", "f16", "f32"] as const) {
    const file = await build({ data, shape: [itemCount, dim] }, { bias, counts, bits: 8, rowType, seed: 1 });
    const indexes = new Map([[1, await load(file)]]);
    for (const count of COUNTS) indexes.set(count, await load(file, { threads: threads(count) }));
    for (const [name, call] of Object.entries(CALLS)) {
      for (const size of [1, BATCH]) {
        const asked = (index: MultiIndex, turn: number): void => {
          const places = Math.floor(queries.length / dim / BATCH);
          const first = (turn % places) * BATCH * dim;
          if (size > 1) call(index, queries.subarray(first, first + BATCH * dim), { batch: BATCH });
          else
            for (let i = 0; i < BATCH; i++) call(index, queries.subarray(first + i * dim, first + (i + 1) * dim), {});
        };
        rows.push([
          `${itemCount.toLocaleString("en")} × ${rowType}`,
          `${name}, batch ${size}`,
          ...ratiosOf(indexes, asked),
        ]);
      }
    }
    for (const index of indexes.values()) index.dispose();
  }
  const load1 = (loadavg()[0] as number).toFixed(1);
  console.log(`${cpus()[0]?.model ?? "?"}, ${availableParallelism()} cores, load ${load1}, Node ${process.version}`);
  console.log(table(["rows", "call", ...COUNTS.map((count) => `${count} threads`)], 2, grouped(rows)));
}

/** Returns how many times faster each number of threads is than one, and in brackets the same of CPU time. */
function ratiosOf(
  indexes: ReadonlyMap<number, MultiIndex>,
  asked: (index: MultiIndex, turn: number) => void,
): string[] {
  const least = new Map<number, Cost>();
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [count, index] of indexes) {
      const [start, before] = [performance.now(), process.cpuUsage()];
      asked(index, turn);
      const wall = performance.now() - start;
      const { user, system } = process.cpuUsage(before);
      const { wall: fastest, cpu } = least.get(count) ?? { wall: Infinity, cpu: Infinity };
      least.set(count, { wall: Math.min(wall, fastest), cpu: Math.min((user + system) / 1000, cpu) });
    }
  }
  const one = least.get(1) as Cost;
  return [...least]
    .slice(1)
    .map(([, { wall, cpu }]) => `${(one.wall / wall).toFixed(2)} × (${(one.cpu / cpu).toFixed(2)})`);
}
