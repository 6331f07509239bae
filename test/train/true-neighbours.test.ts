import { expect, test } from "vitest";
import { shareFound, trueNeighbours } from "../../src/train/recall/true-neighbours.ts";
import type { Matrix } from "../../src/train/rows/matrix.ts";
import { tableOf } from "../../src/train/rows/row-table.ts";
import { singleThread } from "../../src/train/runtime/worker-pool.ts";
import { type RawVectors, rawVectors } from "../fixtures/raw-vectors.ts";
import { trainKernels } from "./instances.ts";
import { integerRows } from "./rows.ts";

const METRICS = ["dot", "cosine"] as const;

interface Scored {
  readonly id: number;
  readonly score: number;
}

/** Ranks all rows by score in f64, best first. Ties go to the lower id. */
function bruteForce(
  { data, shape: [itemCount, dim] }: Pick<RawVectors, "data" | "shape">,
  bias: ArrayLike<number> | undefined,
  metric: "dot" | "cosine",
  query: Float32Array,
): Scored[] {
  const dot = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, d) => sum + value * (b[d] as number), 0);
  const length = (a: Float32Array): number => Math.sqrt(dot(a, a)) || 1;
  return Array.from({ length: itemCount }, (_, id) => {
    const row = data.subarray(id * dim, (id + 1) * dim);
    const scale = metric === "cosine" ? length(row) * length(query) : 1;
    return { id, score: dot(row, query) / scale + (bias?.[id] ?? 0) };
  }).sort((a, b) => b.score - a.score || a.id - b.id);
}

/** Expects equal rankings, except for rows whose scores are equal in f32. */
function expectBest(found: Int32Array, best: readonly Scored[], count: number): void {
  expect(found).toHaveLength(Math.min(count, best.length));
  expect(new Set(found).size).toBe(found.length);
  const scoreOf = new Map(best.map(({ id, score }) => [id, score]));
  for (const [i, id] of found.entries()) {
    const { score } = best[i] as Scored;
    expect(Math.abs((scoreOf.get(id) ?? Number.NaN) - score)).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(score)));
  }
}

const neighboursOf = (
  matrix: Matrix,
  bias: ArrayLike<number> | undefined,
  metric: "dot" | "cosine",
  queries: Float32Array,
  count: number,
  signal?: AbortSignal,
): Promise<Int32Array[]> =>
  trueNeighbours(
    singleThread({ train: trainKernels() }),
    { table: tableOf(matrix), metric, bias },
    queries,
    count,
    async () => signal?.throwIfAborted(),
  );

test.each(METRICS.flatMap((metric) => [true, false].map((biased) => ({ metric, biased }))))(
  "are those of brute force, best first: $metric, biased: $biased",
  async ({ metric, biased }) => {
    for (const [itemCount, dim] of [
      [3, 1],
      [1024, 6],
      [2100, 7],
    ] as const) {
      const vectors = rawVectors(itemCount, dim, itemCount);
      const bias = biased ? vectors.bias : undefined;
      const queries = Float32Array.from(vectors.queries.flatMap((query) => Array.from(query)));
      const found = await neighboursOf(vectors, bias, metric, queries, 20);
      for (const [i, query] of vectors.queries.entries()) {
        expectBest(found[i] as Int32Array, bruteForce(vectors, bias, metric, query), 20);
      }
    }
  },
);

test("of equal scores are the lower ids", async () => {
  const data = integerRows(1300 * 2, 4);
  const shape: [number, number] = [1300, 2];
  const query = Float32Array.of(1, 2);
  const [found] = await neighboursOf({ data, shape }, undefined, "dot", query, 400);
  const best = bruteForce({ data, shape }, undefined, "dot", query).slice(0, 400);
  expect(Array.from(found as Int32Array)).toEqual(best.map(({ id }) => id));
});

test("of no row are none, and a signal ends the search", async () => {
  const queries = new Float32Array(4);
  const none = { data: new Float32Array(0), shape: [0, 2] as [number, number] };
  expect(await neighboursOf(none, undefined, "dot", queries, 5)).toEqual([new Int32Array(0), new Int32Array(0)]);
  const signal = AbortSignal.abort(new Error("enough"));
  const one = { data: new Float32Array(2), shape: [1, 2] as [number, number] };
  await expect(neighboursOf(one, undefined, "dot", queries, 5, signal)).rejects.toThrow("enough");
});

test("shareFound counts ids that both lists of a query have", () => {
  const lists = (...ids: number[][]): Int32Array[] => ids.map((list) => Int32Array.from(list));
  expect(shareFound(lists([1, 2], [3, 4]), lists([2, 9], [4, 3]))).toBe(0.75);
  expect(shareFound(lists([1, 2], [3, 4]), lists([3, 4], [1, 2]))).toBe(0);
  expect(shareFound([], [])).toBe(1);
});
