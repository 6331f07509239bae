import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { estimateLogPartition } from "../../src/answers/error-bars.ts";
import type { Moments } from "../../src/answers/moments.ts";
import { headOf, open } from "../fixtures/open.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { estimateOfDraws, meanOf, sum, varianceOf } from "../statistics/drawn-estimate.ts";
import { enumerate } from "../statistics/enumeration.ts";
import { FUNCTIONS, momentsOfWeights } from "../statistics/moments-of-weights.ts";
import { randomRows } from "../train/rows.ts";
import { ALLOWANCES } from "./error-bars.ts";

// The rule of error bars for files of format 1.0 (docs/method.md, section 4).

const FILES = ["rq-f32-bias", "pq-f16-cosine-codes", "rq-i8-bias-codes", "rq-i8-features"];

test.each(FILES)("the bar of a file of format 1.0 is made of its draws and two allowances: %s", async (name) => {
  const file = Uint8Array.from(readFileSync(new URL(`../golden/format-1.0/${name}.midx`, import.meta.url)));
  const stored = storedIndex(file);
  const one = await open(file);
  const { itemCount, dim } = one.index.info;
  let compared = 0;
  for (const seed of Array.from({ length: 40 }, (_, i) => i)) {
    const query = randomRows(dim, seed).map((value) => value / (1 + (seed % 3)));
    const [scan, draws] = [
      [0, 40],
      [itemCount >> 2, 300],
      [itemCount >> 1, 1],
    ][seed % 3] as [number, number];
    const answer = one.index.predict(query, 0, { scan, draws, seed });
    if (headOf(one).size === stored.buckets.length) continue;
    const drawn = estimateOfDraws(one, stored, enumerate(stored, query, { tilts: "none" }), draws);
    const { weights, tailMass, estimate, met } = drawn;
    expect(answer.logPartition).toBeCloseTo(drawn.estimated, 4);
    const logVariance = draws > 1 ? varianceOf(weights.map(Math.log)) : 0;
    const logNormal = meanOf(weights) ** 2 * (Math.exp(2 * Math.min(logVariance, 1.25)) - 1);
    const variance = Math.max(draws > 1 ? varianceOf(weights) : 0, logNormal * Math.min(1, 50 / draws));
    const unseen = 2.2 * Math.max(...weights) - meanOf(weights);
    const error = (tailMass * Math.sqrt(variance / draws + (unseen / draws) ** 2)) / estimate;
    if (draws > 1) expect(Math.abs(answer.standardError - error)).toBeLessThan(1e-3 * error + 1e-6);
    else expect(answer.standardError).toBe(Number.POSITIVE_INFINITY);
    const tailSize = sum(weights) ** 2 / sum(weights.map((weight) => weight ** 2));
    const few = met < Math.min(10, itemCount - (answer.scored - draws));
    expect(answer).toMatchObject({
      lowEss: tailSize < 10 || !(error <= 0.1) || logVariance > 1.25 || few,
      modelError: 0,
      calibrated: false,
    });
    compared++;
  }
  expect(compared).toBeGreaterThan(20);
});

const estimateOf = (m: Moments) => estimateLogPartition(m, m.drawCount, ALLOWANCES, FUNCTIONS);

/** `common` times `weight`, and one draw of `largest`. */
const oneLarge = (common: number, weight: number, largest: number): number[] => [
  ...new Array<number>(common).fill(weight),
  largest,
];

describe("the standard error", () => {
  test("of draws of equal weight is that of one more draw of 2.2 times their weight", () => {
    expect(estimateOf(momentsOfWeights(new Array<number>(100).fill(3), 0)).standardError).toBeCloseTo(1.2 / 100, 12);
    expect(estimateOf(momentsOfWeights(new Array<number>(100).fill(3), 9)).standardError).toBeCloseTo(1.2 / 400, 12);
  });

  test("uses the draws' variance if it is the larger", () => {
    // 99 draws of 1 and one of 11 have mean 1.1 and variance 1. log x has variance 0.01 · ln² 11, which gives e^(2 ·
    // 0.057) − 1.
    const x = oneLarge(99, 1, 11);
    const expected = Math.sqrt(varianceOf(x) / 100 + ((2.2 * 11 - 1.1) / 100) ** 2) / 1.1;
    expect(estimateOf(momentsOfWeights(x, 0)).standardError).toBeCloseTo(expected, 12);
  });

  test("uses that of a log-normal if draws have missed the large weights, half of it for 100 draws", () => {
    // Weights e^±1 have a variance of log x of 1.01, and their own variance is tanh² 1 = 0.58 of the squared mean.
    const x = Array.from({ length: 100 }, (_, j) => Math.exp(j % 2 === 0 ? 1 : -1));
    const mean = meanOf(x);
    const logNormal = mean ** 2 * (Math.exp((2 * 100) / 99) - 1) * 0.5;
    const expected = Math.sqrt(logNormal / 100 + ((2.2 * Math.E - mean) / 100) ** 2) / mean;
    expect(estimateOf(momentsOfWeights(x, 0)).standardError).toBeCloseTo(expected, 12);
  });

  test("is finite if the weights span the range of f64", () => {
    const x = oneLarge(99, 1e-300, 1);
    expect(estimateOf(momentsOfWeights(x, 1)).standardError).toBeLessThan(1);
    expect(estimateOf({ ...momentsOfWeights(x, 1), tailMean: 0, tailSquareMean: 0, tailLargest: 0 })).toMatchObject({
      standardError: 0,
      lowEss: true,
    });
  });

  test("takes no variance from rounding", () => {
    const m = { ...momentsOfWeights(new Array<number>(100).fill(1), 0), tailSquareMean: 1 - 1e-16 };
    expect(estimateOf(m)).toMatchObject({ standardError: (2.2 - 1) / 100, lowEss: false });
  });
});

describe("lowEss", () => {
  /** Estimates behind a head that hides the tail's error. */
  const lowEss = (x: readonly number[]): boolean => estimateOf(momentsOfWeights(x, 1e6)).lowEss;

  test("is false for draws of equal weight, from ten of them on", () => {
    expect(lowEss(new Array<number>(10).fill(1))).toBe(false);
    expect(lowEss(new Array<number>(9).fill(1))).toBe(true);
    expect(lowEss([1])).toBe(true);
  });

  test("is true if the draws are worth fewer than ten", () => {
    // (Σx)² / Σx² of 99 draws of 1 and one of `largest`.
    const sizeOf = (x: readonly number[]): number => sum(x) ** 2 / sum(x.map((value) => value ** 2));
    expect(sizeOf(oneLarge(99, 1, 45))).toBeGreaterThan(9);
    expect(sizeOf(oneLarge(99, 1, 45))).toBeLessThan(10);
    expect(sizeOf(oneLarge(99, 1, 41))).toBeGreaterThan(10);
    expect(lowEss(oneLarge(99, 1, 45))).toBe(true);
    expect(lowEss(oneLarge(99, 1, 41))).toBe(false);
  });

  test("is true above a standard error of a tenth", () => {
    const x = new Array<number>(12).fill(1); // a standard error of 1.2 / 12 of the tail
    expect(estimateOf(momentsOfWeights(x, 0)).standardError).toBeCloseTo(0.1, 12);
    expect(estimateOf(momentsOfWeights(x.slice(1), 0)).lowEss).toBe(true);
    expect(estimateOf(momentsOfWeights([...x, 1], 0)).lowEss).toBe(false);
  });

  test("is true if the draws met fewer than ten classes, or not all of a smaller tail", () => {
    const m = momentsOfWeights(new Array<number>(100).fill(1), 1e6);
    expect(estimateOf({ ...m, distinctCount: 9 }).lowEss).toBe(true);
    expect(estimateOf({ ...m, distinctCount: 10 }).lowEss).toBe(false);
    expect(estimateOf({ ...m, distinctCount: 3, tailCount: 4 }).lowEss).toBe(true);
    expect(estimateOf({ ...m, distinctCount: 4, tailCount: 4 }).lowEss).toBe(false);
  });

  test("is true above a variance of log x of 1.25", () => {
    const spread = (deviation: number): number[] =>
      Array.from({ length: 1000 }, (_, j) => Math.exp(j % 2 === 0 ? deviation : -deviation));
    expect(lowEss(spread(1.115))).toBe(false);
    expect(lowEss(spread(1.12))).toBe(true);
  });
});
