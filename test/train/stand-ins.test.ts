import { describe, expect, test } from "vitest";
import { compileInlined } from "../../src/memory/compile-inlined.ts";
import { PURPOSE, uniforms } from "../../src/train/random/uniforms.ts";
import { type RowTable, tableOf } from "../../src/train/rows/row-table.ts";
import { singleThread } from "../../src/train/runtime/worker-pool.ts";
import { SAMPLE_ROWS } from "../../src/train/stand-ins/entropy-sample.ts";
import { rowsAt, weightsOf } from "../../src/train/stand-ins/row-weights.ts";
import { scaleFor } from "../../src/train/stand-ins/scale.ts";
import { discriminantQueries, type StandIns, standInQueries } from "../../src/train/stand-ins/stand-in-queries.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { trainKernels } from "./instances.ts";
import { randomRows } from "./rows.ts";

const modules = await compileInlined();
const tools = { pool: singleThread({ train: trainKernels() }), modules };

interface Head {
  readonly data: Float32Array;
  readonly shape: readonly [number, number];
  readonly bias?: ArrayLike<number>;
  readonly metric?: "dot" | "cosine";
}

const standIns = (
  { data, shape, bias, metric = "dot" }: Head,
  count: number,
  seed = 0n,
  table: RowTable = tableOf({ data, shape }),
): Promise<StandIns> => standInQueries(tools, { table, metric, bias }, { count, seed }, async () => {});

/** The entropy of a softmax in f64. With a query of zeros it is that of the biases. */
function entropyOf({ data, shape: [itemCount, dim], bias }: Head, query: ArrayLike<number>): number {
  const logits = Float64Array.from({ length: itemCount }, (_, id) => {
    let logit = bias?.[id] ?? 0;
    for (let d = 0; d < dim; d++) logit += (query[d] as number) * (data[id * dim + d] as number);
    return logit;
  });
  const top = logits.reduce((a, b) => Math.max(a, b));
  let [mass, below] = [0, 0];
  for (const logit of logits) {
    mass += Math.exp(logit - top);
    below += Math.exp(logit - top) * (top - logit);
  }
  return Math.log(mass) + below / mass;
}

/** The share of the entropy that each query is to have. */
function sharesOf(count: number, seed: bigint): number[] {
  const uniform = uniforms({ seed, purpose: PURPOSE.standIns, codebook: 1, restart: 0 });
  return Array.from({ length: count }, (_, i) => 0.05 + 0.9 * uniform(i));
}

const normOf = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const rowsOf = (values: Float32Array, dim: number): Float32Array[] =>
  Array.from({ length: values.length / dim }, (_, i) => values.subarray(i * dim, (i + 1) * dim));

/** Rows of many lengths in many directions, with biases as of words. */
function wordsHead(itemCount: number, dim: number, seed: number): Required<Omit<Head, "metric">> {
  const sizes = randomRows(itemCount, seed + 1).map((value) => 2 ** value);
  const data = randomRows(itemCount * dim, seed).map((value, i) => value * (sizes[Math.floor(i / dim)] as number));
  return { data, shape: [itemCount, dim], bias: Array.from({ length: itemCount }, (_, id) => -Math.log(id + 3)) };
}

const withoutBias = ({ data, shape }: Head): Head => ({ data, shape });

describe("stand-in queries", () => {
  test("are a function of classes and seed, whatever the chunks", async () => {
    const head = wordsHead(700, 6, 1);
    const { queries } = await standIns(head, 20);
    expect(queries).toHaveLength(20 * 6);
    expect((await standIns(head, 20)).queries).toEqual(queries);
    expect((await standIns(head, 20, 0n, { ...inChunks(head, 33) })).queries).toEqual(queries);
    expect((await standIns(head, 20, 1n)).queries).not.toEqual(queries);
  });

  test.each<[string, Head]>([
    ["with bias", wordsHead(3000, 6, 2)],
    ["without bias", withoutBias(wordsHead(3000, 6, 3))],
    ["of clusters whose norms differ a hundredfold", rawVectors(2000, 8, 4)],
    ["with more classes than are sampled", wordsHead(3 * SAMPLE_ROWS, 4, 5)],
    ["without bias, with more classes than are sampled", withoutBias(wordsHead(3 * SAMPLE_ROWS, 4, 6))],
  ])("have a uniform share of the entropy that there is without a query: %s", async (_, head) => {
    const [, dim] = head.shape;
    const { queries } = await standIns(head, 40, 7n);
    const whole = entropyOf(head, new Float32Array(dim));
    const wanted = sharesOf(40, 7n);
    for (const [i, query] of rowsOf(queries, dim).entries()) {
      expect(Math.abs(entropyOf(head, query) / whole - (wanted[i] as number))).toBeLessThan(0.03);
    }
  });

  test("for cosine have it at the temperature that their norm says", async () => {
    const head: Head = { ...wordsHead(2000, 8, 8), metric: "cosine" };
    const { queries } = await standIns(head, 20);
    const unit = head.data.slice();
    for (const row of rowsOf(unit, 8)) row.set(row.map((value, _, all) => value / normOf(all)));
    const wanted = sharesOf(20, 0n);
    for (const [i, query] of rowsOf(queries, 8).entries()) {
      const bias = Float64Array.from(head.bias as number[], (value) => value * normOf(query));
      const entropy = entropyOf({ data: unit, shape: head.shape, bias }, query);
      expect(Math.abs(entropy / Math.log(2000) - (wanted[i] as number))).toBeLessThan(0.02);
    }
  });

  test("point from the mean of all rows, weighted by e^(bias / 2), to that of four of them", async () => {
    // Rows are the unit vectors, so that each value of a direction says how often its row was drawn.
    const itemCount = 64;
    const data = new Float32Array(itemCount ** 2);
    for (let id = 0; id < itemCount; id++) data[id * (itemCount + 1)] = 1;
    const bias = Array.from({ length: itemCount }, (_, id) => (id < 32 ? 2 * Math.log(3) : 0));
    const { queries } = await standIns({ data, shape: [itemCount, itemCount], bias }, 200);
    let heavy = 0;
    for (const query of rowsOf(queries, itemCount)) {
      const means = Array.from({ length: itemCount }, (_, id) => (id < 32 ? 3 : 1) / 128);
      // The values of two rows that were not drawn give the scale.
      const least = query.findIndex((value, id) => id >= 32 && value < 0);
      const scale = -(query[least] as number) / (means[least] as number);
      const drawn = Array.from(query, (value, id) => Math.round(4 * (value / scale + (means[id] as number))));
      expect(drawn.reduce((a, b) => a + b)).toBe(4);
      heavy += drawn.slice(0, 32).reduce((a, b) => a + b);
    }
    expect(Math.abs(heavy / 800 - 0.75)).toBeLessThan(0.06);
  });

  test.each<[string, Head]>([
    ["no rows", { data: new Float32Array(0), shape: [0, 3] }],
    ["one row", { data: Float32Array.of(1, 2, 3), shape: [1, 3] }],
    ["two rows", { data: Float32Array.of(1, 2, 3, -1, 0, 2), shape: [2, 3] }],
    ["rows that are all alike", { data: new Float32Array(300).fill(0.7), shape: [100, 3] }],
    ["rows of zeros", { data: new Float32Array(300), shape: [100, 3], metric: "cosine" }],
    ["the smallest rows", { data: randomRows(300, 1).map((value) => value * 1e-38), shape: [100, 3] }],
    ["the largest rows", { data: randomRows(300, 1).map((value) => value * 2 ** 32), shape: [100, 3] }],
    ["biases as far apart as can be", { ...wordsHead(100, 3, 1), bias: [2 ** 40, ...new Array(99).fill(-(2 ** 40))] }],
    ["one class that has nearly all mass", { ...wordsHead(100, 3, 1), bias: [60, ...new Array(99).fill(0)] }],
  ])("are finite for %s", async (_, head) => {
    const { queries } = await standIns(head, 9);
    expect(queries).toHaveLength(head.shape[0] === 0 ? 0 : 9 * 3);
    expect(queries.every((value) => Math.abs(value) <= 2 ** 40)).toBe(true);
  });
});

function inChunks({ data, shape: [itemCount, dim] }: Head, chunkRows: number): RowTable {
  return {
    ...{ itemCount, dim, chunkRows },
    *chunks() {
      for (let row = 0; row < itemCount; row += chunkRows) yield data.slice(row * dim, (row + chunkRows) * dim);
    },
  };
}

describe("rowsAt", () => {
  test("finds the rows at places of the cumulative weights, never one of weight 0", () => {
    const weights = weightsOf({ exp64: Math.exp }, 5, [-(2 ** 40), 0, 2 * Math.log(3), -(2 ** 40), -(2 ** 40)]);
    expect(weights.total).toBeCloseTo(4 / 3, 12);
    expect(Array.from(rowsAt(weights, [0, 0.2499, 0.2501, 0.9, 1 - 2 ** -53]))).toEqual([1, 1, 2, 2, 2]);
  });
});

describe("scaleFor", () => {
  test("finds the largest scale with an entropy, up to 1 %", () => {
    const entropyAt = (scale: number): number => 10 / (1 + scale ** 2);
    for (const target of [9, 5, 0.1, 0.001]) {
      expect(Math.abs(entropyAt(scaleFor(entropyAt, target, 1)) / target - 1)).toBeLessThan(0.03);
    }
    const hill = (scale: number): number => scale * Math.exp(-scale);
    expect(Math.abs(scaleFor(hill, hill(3), 1) - 3)).toBeLessThan(0.05);
  });

  test("takes the scale of the largest entropy where none reaches the target, and ends where every one does", () => {
    const hill = (scale: number): number => scale * Math.exp(-scale);
    expect(scaleFor(hill, 1, 1)).toBe(1);
    expect(scaleFor(() => 1, 0.5, 0.25)).toBe(1024);
  });
});

test("discriminants solve (C + λ I) x = v for the directions of the stand-ins, and have their entropies", async () => {
  const [itemCount, dim, count] = [900, 6, 5];
  const data = randomRows(itemCount * dim, 61).map((value, i) => value * 2 ** -(i % dim));
  const head: Head = { data, shape: [itemCount, dim] };
  const classes = { table: tableOf({ data, shape: [itemCount, dim] }), metric: "dot", bias: undefined } as const;
  const found = await discriminantQueries(tools, classes, { count, seed: 3n }, async () => {});
  const { queries: directions } = await standIns(head, count, 3n);
  const mean = Array.from(
    { length: dim },
    (_, d) => rowsOf(data, dim).reduce((sum, row) => sum + (row[d] as number), 0) / itemCount,
  );
  const covariance = mean.map((_, a) =>
    mean.map((_, b) =>
      rowsOf(data, dim).reduce((sum, row) => {
        return (
          sum + (((row[a] as number) - (mean[a] as number)) * ((row[b] as number) - (mean[b] as number))) / itemCount
        );
      }, 0),
    ),
  );
  const ridge = (0.01 * covariance.reduce((sum, row, d) => sum + (row[d] as number), 0)) / dim;
  for (const [i, x] of rowsOf(found, dim).entries()) {
    const product = Float32Array.from(covariance, (row, d) =>
      row.reduce((sum, value, e) => sum + value * (x[e] as number), ridge * (x[d] as number)),
    );
    const v = rowsOf(directions, dim)[i] as Float32Array;
    const cosine = product.reduce((sum, value, d) => sum + value * (v[d] as number), 0) / (normOf(product) * normOf(v));
    expect(cosine).toBeGreaterThan(0.999);
  }
  for (const [i, share] of sharesOf(count, 3n).entries()) {
    const entropy = entropyOf(head, rowsOf(found, dim)[i] as Float32Array);
    expect(Math.abs(entropy / Math.log(itemCount) - share)).toBeLessThan(0.03);
  }
});

test("rows that do not differ have no discriminants", async () => {
  const table = tableOf({ data: new Float32Array(300 * 4).fill(0.5), shape: [300, 4] });
  const classes = { table, metric: "dot", bias: undefined } as const;
  expect(await discriminantQueries(tools, classes, { count: 3, seed: 0n }, async () => {})).toEqual(
    new Float32Array(12),
  );
});
