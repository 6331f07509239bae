import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test, vi } from "vitest";
import { BLOCK_TOP } from "../../src/abi.ts";
import { BlockReader } from "../../src/batch/block-reader.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { Kernels } from "../../src/memory/kernels.ts";
import type { BuildOptions } from "../../src/train/index.ts";
import { type Call, callsOver } from "../fixtures/batch-calls.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import type { BUILDS } from "../fixtures/modules.ts";
import { open } from "../fixtures/open.ts";
import { inTurn } from "../run/turns.ts";
import { randomRows } from "../train/rows.ts";

/** Calls of the private method that reads rows for a block. vi.mock would miss a module that another suite has loaded. */
const scan = vi.spyOn(BlockReader.prototype as unknown as { scan: (queries: number) => unknown }, "scan");
afterAll(() => scan.mockRestore());

// A batch answers as its queries alone do, bit for bit: in whole blocks of queries, in what is left of them, and without the
// batch module.

/** Two blocks of rows and a part of one, so that a scan goes on from one to the next. */
const [N, DIM] = [2300, 9];
const SIZES = [1, 2, 3, 7, 16, 17, 100];
const MOST = Math.max(...SIZES);
const vectors = { data: randomRows(N * DIM, 1), shape: [N, DIM] as const };
/** Large queries have a clear head, and small ones none: bounds help some and not others. */
const queries = randomRows(MOST * DIM, 2).map((value, i) => value * ([0.5, 3, 12][Math.floor(i / DIM) % 3] as number));

const INDEXES: Record<string, { options: BuildOptions; kernels?: keyof typeof BUILDS; maxScan?: number }> = {
  "f32 rows": { options: { rowType: "f32" } },
  "f16 rows, cosine": { options: { rowType: "f16", metric: "cosine" } },
  "f16 rows with fine codes": { options: { rowType: "f16", fineCodes: true } },
  "int8 rows": { options: { rowType: "i8", bias: randomRows(N, 3) } },
  "int8 rows, cosine": { options: { rowType: "i8", metric: "cosine" }, maxScan: 16 },
  "int8 rows above what is scanned at once": { options: { rowType: "i8" }, maxScan: 16 },
  "int8 rows, relaxed SIMD": { options: { rowType: "i8", fineCodes: true }, kernels: "relaxed", maxScan: 16 },
  "f32 rows above what is scanned at once, debug": { options: { rowType: "f32" }, kernels: "debug", maxScan: 16 },
};

const CONDITIONS: Record<string, object> = {
  "no conditions": {},
  "a filter": { exclude: Array.from({ length: N / 2 }, (_, i) => 2 * i), temperature: 0.7 },
  "a small allow": { allow: [4, 9, 1000, 2299] },
  "changed logits": {
    bias: { ids: [3, 1500, 2000], values: [9, -2, Number.NEGATIVE_INFINITY] },
    history: [5, 5, 8],
    frequencyPenalty: 0.5,
  },
};

const CALLS = callsOver(N);

const rowsOf = (first: number, count: number): Float32Array => queries.subarray(first * DIM, (first + count) * DIM);

describe.each(Object.entries(INDEXES))("%s", (_, { options, kernels, maxScan }) => {
  const building = buildIndex(vectors, { bits: 3, seed: 1, ...options });
  const openingWith = async (hasBatch: boolean): Promise<MultiIndex> =>
    (await open(await building, { maxBatch: MOST, ...(maxScan && { maxScan }) }, kernels, hasBatch)).index;
  const opening = openingWith(true);
  const openingWithout = openingWith(false);

  test.each(Object.entries(CONDITIONS))("a batch is its queries alone, bit for bit: %s", async (_, conditions) => {
    const [index, without] = [await opening, await openingWithout];
    for (const [name, call] of inTurn(Object.entries(CALLS), 5)) {
      const sizes = inTurn(SIZES, 2, name);
      const most = Math.max(17, ...sizes);
      const singles = Array.from({ length: most }, (_, row) => call(index, rowsOf(row, 1), conditions));
      for (const size of sizes) {
        const answers = call(index, rowsOf(0, size), { ...conditions, batch: size });
        expect(answers, `${name}, ${size}`).toEqual(singles.slice(0, size));
      }
      const answers = call(without, rowsOf(0, 17), { ...conditions, batch: 17 });
      expect(answers, `${name}, without the batch module`).toEqual(singles.slice(0, 17));
    }
  });

  test("a batch whose queries differ in their conditions is its queries alone", async () => {
    const index = await opening;
    const all = Object.values(CONDITIONS);
    const conditions = Array.from({ length: 17 }, (_, row) => all[row % all.length] as object);
    for (const name of ["topK exact", "predict exact", "logPartition exact", "decode topP, certain"]) {
      const call = CALLS[name] as Call;
      const singles = conditions.map((own, row) => call(index, rowsOf(row, 1), own));
      expect(call(index, rowsOf(0, 17), { batch: 17, conditions }), name).toEqual(singles);
    }
  });
});

test("equal queries have seeds of their own if the call has none, and the bits of single calls with these seeds", async () => {
  const { index } = await open(await buildIndex(vectors, { bits: 3, seed: 1 }), { maxBatch: MOST, maxScan: 16 });
  const [batch, query] = [17, rowsOf(1, 1)];
  const equal = Float32Array.from({ length: batch * DIM }, (_, i) => query[i % DIM] as number);
  const calls: Record<string, Call> = {
    sample: (on, z, o) => on.sample(z, 9, o),
    "sample exact": (on, z, o) => on.sample(z, 9, { ...o, exact: true }),
    sampleTopK: (on, z, o) => on.sampleTopK(z, 5, o),
    "decode topP, certain": (on, z, o) => on.decode(z, { ...o, topP: 0.9, certain: true }),
    "decode untruncated": (on, z, o) => on.decode(z, o),
  };
  for (const [name, call] of Object.entries(calls)) {
    const answers = call(index, equal, { batch }) as { readonly seed: bigint }[];
    expect(new Set(answers.map(({ seed }) => seed)).size, name).toBe(batch);
    for (const answer of answers) expect(call(index, query, { seed: answer.seed }), name).toEqual(answer);
  }
});

describe("predictions", () => {
  const predictCalls = async (hasBatch: boolean): Promise<number> => {
    const { index, opened } = await open(await buildIndex(vectors, { bits: 3, seed: 1 }), {}, "release", hasBatch);
    const ask = () => index.predict(rowsOf(0, 37), 3, { scan: 64, seed: 1, batch: 37 });
    ask(); // makes the instance of the batch module, which takes its imports from these kernels
    const predict = vi.spyOn(opened.kernels as Kernels, "predict");
    ask();
    return predict.mock.calls.length;
  };

  test("are made for blocks of queries, by a kernel of the batch module", async () => {
    expect(await predictCalls(true)).toBe(0);
    expect(await predictCalls(false)).toBe(37);
  });
});

test.each(["rq-f32-bias", "rq-i8-bias-codes"])(
  "a file of format 1.0 answers a batch as its queries alone: %s",
  async (name) => {
    const file = readFileSync(new URL(`../golden/format-1.0/${name}.midx`, import.meta.url));
    const { index } = await open(Uint8Array.from(file));
    const { dim } = index.info;
    const all = randomRows(17 * dim, 4);
    // Draws repeat few classes at first, and then many: error bars count the classes.
    for (const options of [
      { scan: 2, draws: 3, seed: 1 },
      { scan: 2, draws: 200, seed: 1 },
      { exact: true, seed: 1 },
    ]) {
      const singles = Array.from({ length: 17 }, (_, row) =>
        index.predict(all.subarray(row * dim, (row + 1) * dim), 3, options),
      );
      expect(index.predict(all, 3, { ...options, batch: 17 })).toEqual(singles);
    }
  },
);

describe("rows", () => {
  /** The sizes of the blocks of queries that rows are read for. */
  async function blocksOf(call: Call, size: number, options: BuildOptions, maxScan?: number): Promise<number[]> {
    const file = await buildIndex(vectors, { bits: 3, seed: 1, ...options });
    const { index } = await open(file, { maxBatch: MOST, ...(maxScan && { maxScan }) });
    scan.mockClear();
    call(index, rowsOf(0, size), { batch: size });
    return scan.mock.calls.map(([queries]) => queries);
  }

  test("are read once for sixteen queries, and alone for a query that is left", async () => {
    for (const name of ["predict exact", "logPartition exact", "topK exact", "decode untruncated, certain"]) {
      const call = CALLS[name] as Call;
      expect(await blocksOf(call, 17, { rowType: "f32" }), name).toEqual([16]);
      expect(await blocksOf(call, 21, { rowType: "i8" }), name).toEqual([16, 5]);
      expect(await blocksOf(call, 1, { rowType: "i8" }), name).toEqual([]);
    }
  });

  test("are read for those queries of a block alone that bounds do not help", async () => {
    const queriesIn = await blocksOf(CALLS["topK exact"] as Call, 48, { rowType: "i8" }, 16);
    const scanned = queriesIn.reduce((sum, count) => sum + count, 0);
    expect(scanned).toBeGreaterThan(1);
    expect(scanned).toBeLessThan(48);
  });

  test("are read alone for more classes than a block of queries collects", async () => {
    const { index } = await open(await buildIndex(vectors, { bits: 3, seed: 1 }), { maxK: N });
    for (const [k, calls] of [
      [BLOCK_TOP, 1],
      [BLOCK_TOP + 1, 0],
    ] as const) {
      scan.mockClear();
      const singles = [0, 1, 2].map((row) => index.predict(rowsOf(row, 1), k, { exact: true, seed: 1 }));
      expect(index.predict(rowsOf(0, 3), k, { exact: true, seed: 1, batch: 3 })).toEqual(singles);
      expect(scan).toHaveBeenCalledTimes(calls);
    }
  });
});
