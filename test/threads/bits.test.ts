import { afterAll, describe, expect, test, vi } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { Control } from "../../src/threads/control.ts";
import { ThreadPool } from "../../src/threads/thread-pool.ts";
import type { BuildOptions } from "../../src/train/index.ts";
import { callsOver } from "../fixtures/batch-calls.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import type { BUILDS } from "../fixtures/modules.ts";
import { open } from "../fixtures/open.ts";
import { EVERY } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { randomRows } from "../train/rows.ts";
import { openThreaded } from "./open-threaded.ts";

// Any number of threads answers as one does, bit for bit, whichever thread reads which block of rows.

/** Four blocks of rows and a part of one. */
const [N, DIM] = [4500, 9];
const vectors = { data: randomRows(N * DIM, 1), shape: [N, DIM] as const };
const QUERIES = 17;
/** Large queries have a clear head, and small ones none: bounds help some and not others. */
const queries = randomRows(QUERIES * DIM, 2).map(
  (value, i) => value * ([0.5, 3, 12][Math.floor(i / DIM) % 3] as number),
);
const rowsOf = (first: number, count: number): Float32Array => queries.subarray(first * DIM, (first + count) * DIM);

const INDEXES: Record<string, { options: BuildOptions; kernels?: keyof typeof BUILDS; maxScan?: number }> = {
  "f32 rows": { options: { rowType: "f32" } },
  "f16 rows with fine codes, cosine": { options: { rowType: "f16", metric: "cosine", fineCodes: true } },
  "int8 rows above what is scanned at once": { options: { rowType: "i8", bias: randomRows(N, 3) }, maxScan: 16 },
  "int8 rows, relaxed SIMD": { options: { rowType: "i8", fineCodes: true }, kernels: "relaxed", maxScan: 16 },
  "int8 rows with residuals": { options: { rowType: "i8", residuals: true }, kernels: "relaxed", maxScan: 16 },
  "int8 rows, debug": { options: { rowType: "i8" }, kernels: "debug" },
};

const CONDITIONS: Record<string, object> = {
  "no conditions": {},
  "a filter and a temperature": { exclude: Array.from({ length: N / 2 }, (_, i) => 2 * i), temperature: 0.7 },
  "changed logits": {
    bias: { ids: [3, 1500, 2000], values: [9, -2, Number.NEGATIVE_INFINITY] },
    history: [5, 5, 8],
    frequencyPenalty: 0.5,
  },
};

/** The calls that may read all rows. */
const CALLS = Object.entries(callsOver(N)).filter(([name]) => /exact|certain|auto|all|logPartition|minP/.test(name));

/** Rows of all jobs, and those that the calling thread has read. */
const rows = { all: 0, own: 0 };
const nap = new Int32Array(new SharedArrayBuffer(4));
const { readBlocks } = Control.prototype;
const reading = vi.spyOn(Control.prototype, "readBlocks").mockImplementation(function (
  this: Control,
  number,
  blocks,
  read,
) {
  let naps = 1; // so that the others, which need some time to wake, get the most of the blocks
  readBlocks.call(this, number, blocks, (block) => {
    if (naps-- > 0) Atomics.wait(nap, 0, 0, 0.1);
    const scored = read(block);
    rows.own += scored;
    return scored;
  });
});
const scored = vi.spyOn(Control.prototype, "scored", "get");
const run = vi.spyOn(ThreadPool.prototype, "run");
afterAll(() => {
  reading.mockRestore();
  scored.mockRestore();
  run.mockRestore();
});

const kinds = new Set<string>();

/** The answers of these calls to two single queries, and to batches. */
const answersOf = (index: MultiIndex, calls: typeof CALLS, conditions: object): Record<string, unknown> =>
  Object.fromEntries(
    calls.map(([name, call]) => [
      name,
      [
        ...[0, 2].map((row) => call(index, rowsOf(row, 1), conditions)),
        ...[3, QUERIES].map((batch) => call(index, rowsOf(0, batch), { ...conditions, batch })),
      ],
    ]),
  );

const CASES = Object.entries(INDEXES).map(([name, index], turn) => ({ name, turn, ...index }));

describe.each(CASES)("$name", ({ turn, options, kernels = "release", maxScan }) => {
  const limits = { maxBatch: QUERIES, ...(maxScan && { maxScan }) };
  const building = buildIndex(vectors, { bits: 3, seed: 1, ...options });
  const opening = building.then((file) => open(file, limits, kernels));

  test.each(EVERY ? [1, 2, 3, 8] : turn % 2 ? [2, 3] : [1, 8])("%i threads answer as one does", async (count) => {
    const { index } = await openThreaded(await building, count, { build: kernels, limits: { maxK: 64, ...limits } });
    const { all, own } = rows;
    const alone = (await opening).index;
    for (const [name, conditions] of inTurn(Object.entries(CONDITIONS), 3)) {
      const calls = inTurn(CALLS, 3, name);
      expect(answersOf(index, calls, conditions), name).toEqual(answersOf(alone, calls, conditions));
    }
    rows.all += scored.mock.results.reduce((sum, { value }) => sum + value, 0);
    for (const [{ kind, masses, k }] of run.mock.calls) kinds.add(`${kind}, ${masses}${k > 0 ? ", best" : ""}`);
    scored.mockClear();
    run.mockClear();
    if (count > 1) expect(rows.own - own, "rows that the calling thread has read").toBeLessThan(rows.all - all);
    index.dispose();
  });
});

test("these answers took every kind of job", () => {
  expect([...kinds].sort()).toEqual([
    "block, none, best",
    "block, remainders",
    "block, scores",
    "block, scores, best",
    "seven bits, none, best",
    "single, none, best",
    "single, remainders",
    "single, scores",
    "single, scores, best",
  ]);
});
