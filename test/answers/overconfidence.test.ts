import { beforeAll, describe, expect, test } from "vitest";
import type { PredictOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { randomRows } from "../train/rows.ts";

const ITEM_COUNT = 6000;
const DIM = 16;
const QUERIES = 20;
const IDS = Int32Array.from({ length: ITEM_COUNT }, (_, id) => id);

/** Rows that no codebook approximates well: the residual logits behind the head decide. */
let index: MultiIndex;
let queries: Float32Array[];

beforeAll(async () => {
  const data = randomRows(ITEM_COUNT * DIM, 11);
  index = (await open(await buildIndex({ data, shape: [ITEM_COUNT, DIM] }, { bits: 4 }), { maxScan: 4096 })).index;
  queries = Array.from({ length: QUERIES }, (_, i) => randomRows(DIM, 200 + i));
});

const logZ = (query: Float32Array, temperature: number, of = index, ids = IDS): number =>
  logSumExp(of.score(query, ids).map((score) => score / temperature));

/** Counts the queries whose log Z over `ids` is within ± 1.96 bars of the estimate. */
function coveredBy(of: MultiIndex, call: PredictOptions, ids = IDS): number {
  const isCovered = (query: Float32Array, seed: number): boolean => {
    const { logPartition, standardError } = of.predict(query, 0, { ...call, seed });
    return Math.abs(logPartition - logZ(query, call.temperature ?? 1, of, ids)) <= 1.96 * standardError;
  };
  return queries.filter(isCovered).length;
}

/** Rows of `count` classes, which have those of a few centres in turn. */
function rowsOfCentres(count: number, centreCount: number, seed: number): Float32Array {
  const centres = randomRows(centreCount * DIM, seed);
  return Float32Array.from({ length: count * DIM }, (_, i) => centres[i % centres.length] as number);
}

describe.each([1, 0.1, 0.01, 0.001])("at temperature %d, no answer is overconfident", (temperature) => {
  test.each([0, 256])("with a head under %d", (scan) => {
    for (const [i, query] of queries.entries()) {
      const truth = logZ(query, temperature);
      const predicted = index.predict(query, 1, { scan, temperature, seed: i });
      const off = Math.abs(predicted.logPartition - truth) / Math.max(predicted.standardError, 1e-3 / temperature);
      expect(off < 4 || predicted.lowEss, `query ${i}: ${predicted.logPartition}, ${truth}`).toBe(true);
      expect(predicted.effectiveSampleSize).toBeGreaterThanOrEqual(0);
      expect(predicted.standardError).toBeGreaterThanOrEqual(0);
      const bounded = index.logPartition(query, { scan, temperature, seed: i });
      expect(bounded.logPartition).toBeGreaterThanOrEqual(bounded.lower);
      expect(bounded.logPartition).toBeLessThanOrEqual(bounded.upper);
    }
  });

  test("the target of an automatic choice is met, or all rows are scored", () => {
    for (const [i, query] of queries.entries()) {
      const { logPartition, choice } = index.predict(query, 1, {
        scan: "auto",
        targetError: 0.05,
        temperature,
        seed: i,
      });
      expect(choice?.headShare ?? 0).toBeGreaterThanOrEqual(0);
      expect(choice?.expectedErrorAtDefault ?? 0).toBeGreaterThanOrEqual(0);
      const allowed = choice?.exact ? 1e-3 / temperature : 0.15;
      expect(Math.abs(logPartition - logZ(query, temperature)), `query ${i}`).toBeLessThan(allowed);
    }
  });
});

test("at high temperatures, bars cover where biases are far apart", async () => {
  const data = randomRows(ITEM_COUNT * DIM, 11);
  const bias = randomRows(ITEM_COUNT, 12).map((value) => 10 * value);
  const { index: biased } = await open(await buildIndex({ data, shape: [ITEM_COUNT, DIM] }, { bits: 4, bias }));
  for (const temperature of [6, 16, 1000]) {
    const covered = coveredBy(biased, { temperature });
    expect(covered, `T = ${temperature}`).toBeGreaterThanOrEqual(0.9 * QUERIES);
  }
});

test("bars cover where the classes of a bucket differ by their biases alone, at any temperature", async () => {
  // One row for each of 20 centres, and one class in 15 that is boosted.
  const data = rowsOfCentres(ITEM_COUNT, 20, 21);
  const bias = Float32Array.from(IDS, (id) => (id % 15 === 7 ? 6 : 0));
  const file = await buildIndex({ data, shape: [ITEM_COUNT, DIM] }, { bias });
  const { index: boosted } = await open(file, { maxScan: 512 });
  for (const temperature of [0.1, 0.84, 0.8425, 1, 1.19, 6]) {
    const covered = coveredBy(boosted, { temperature });
    expect(covered, `T = ${temperature}`).toBeGreaterThanOrEqual(0.9 * QUERIES);
  }
});

test("bars cover where a bitmap leaves nearly all classes of large buckets", async () => {
  const count = 15_000;
  const data = rowsOfCentres(count, 30, 31);
  const { index: common } = await open(await buildIndex({ data, shape: [count, DIM] }), { maxScan: 512 });
  const chances = randomRows(count, 32);
  const left = Int32Array.from({ length: count }, (_, id) => id).filter((id) => (chances[id] as number) < 0.98);
  const bitmap = new Uint8Array(count / 8);
  for (const id of left) bitmap[id >> 3] = (bitmap[id >> 3] as number) | (1 << (id & 7));
  for (const draws of [32, 100]) {
    const covered = coveredBy(common, { allow: { bitmap }, draws, scan: 512 }, left);
    expect(covered, `${draws} draws`).toBeGreaterThanOrEqual(0.9 * QUERIES);
  }
});

test("at temperatures far above 32, a few classes with huge biases are not missed", async () => {
  const [count, dim] = [2500, 5];
  const normals = (length: number, seed: number): Float32Array => {
    const uniforms = randomRows(3 * length, seed);
    return Float32Array.from({ length }, (_, i) => uniforms.subarray(3 * i, 3 * i + 3).reduce((a, b) => a + b));
  };
  const ids = IDS.subarray(0, count);
  for (const seed of [15, 16, 17]) {
    const bias = normals(count, seed).map((value) => 1e9 * value);
    const file = await buildIndex(
      { data: normals(count * dim, 13), shape: [count, dim] },
      { bits: 2, rowType: "f32", seed: 1, bias },
    );
    const { index: biased } = await open(file, { maxScan: 512 });
    for (const temperature of [33, 2 ** 18, 3 * 2 ** 18, 2 ** 20]) {
      const query = normals(dim, 200 + seed);
      const truth = logZ(query, temperature, biased, ids);
      const { logPartition, lowEss } = biased.predict(query, 0, { temperature, seed });
      const error = lowEss ? 0 : Math.abs(logPartition - truth);
      expect(error, `biases of seed ${seed}, T = ${temperature}`).toBeLessThan(1e-6 * truth + 0.1);
    }
  }
});

test("a bitmap is read during the call, whatever its type of bytes", () => {
  const bitmap = Buffer.alloc(ITEM_COUNT / 8);
  for (const bits of [3, 12]) {
    bitmap[0] = bits;
    const { ids } = index.topK(queries[0] as Float32Array, 5, { allow: { bitmap } });
    expect([...ids].sort()).toEqual(bits === 3 ? [0, 1] : [2, 3]);
  }
});

test("a query is normalised once, so every call gives the same bits", async () => {
  const data = randomRows(ITEM_COUNT * DIM, 12);
  const file = await buildIndex({ data, shape: [ITEM_COUNT, DIM] }, { bits: 4, rowType: "f32", metric: "cosine" });
  const cosine = (await open(file, { maxK: ITEM_COUNT })).index;
  for (const [i, query] of queries.entries()) {
    const { ids, scores } = cosine.topK(query, 1000, { exact: true });
    expect(scores).toEqual(cosine.score(query, ids));
    const { choice, ...answer } = cosine.logPartition(query, { scan: "auto", targetError: 1, seed: i });
    if (!choice?.exact) expect(answer).toEqual(cosine.logPartition(query, { scan: choice?.scan ?? 0, seed: i }));
  }
});
