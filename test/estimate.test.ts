import { describe, expect, test } from "vitest";
import { estimateLogPartition } from "../src/answers/error-bars.ts";
import type { Moments } from "../src/answers/moments.ts";
import { type Enumeration, enumerate, logSumExp } from "./enumeration.ts";
import { ALLOWANCES } from "./error-bars.ts";
import { headOf, open } from "./open.ts";
import { smallIndexes } from "./small-indexes.ts";
import { storedIndex } from "./stored-index.ts";

const CROWDED = (await smallIndexes()).filter(({ itemCount }) => itemCount >= 30);
const SINGLE_BUCKET = CROWDED.filter(({ name }) => name.includes("K = 1,"));

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);
const meanOf = (values: ArrayLike<number>): number => sum(values) / values.length;
const varianceOf = (values: ArrayLike<number>): number => {
  const mean = meanOf(values);
  return sum(Array.from(values, (value) => (value - mean) ** 2)) / (values.length - 1);
};

/** Z_H, S_T, the tail's classes with their Q, and the variance of e^t over them, all as parts of Z. */
function split(e: Enumeration, head: ReadonlySet<number>) {
  const logZ = logSumExp(e.scores);
  const tail = [...e.scores.keys()].filter((id) => !head.has(e.buckets[id] as number));
  const tailMass = sum(tail.map((id) => Math.exp((e.logMasses[id] as number) - logZ)));
  const weights = tail.map((id) => Math.exp((e.scores[id] as number) - (e.logMasses[id] as number)));
  const probabilities = tail.map((id) => Math.exp((e.logMasses[id] as number) - logZ) / tailMass);
  const mean = sum(weights.map((weight, i) => weight * (probabilities[i] as number)));
  const variance = sum(weights.map((weight, i) => (weight - mean) ** 2 * (probabilities[i] as number)));
  return { logZ, tailMass, variance };
}

describe("Ẑ", () => {
  const REPLICATES = 4000;

  test.each(CROWDED)("is unbiased, and varies no more than with independent draws: $name", async (small) => {
    const query = small.queries[1] as Float32Array;
    const e = enumerate(storedIndex(small.file), query);
    const one = await open(small.file);
    for (const [scan, draws] of [
      [0, 1],
      [0, 8],
      [small.itemCount >> 2, 5],
    ] as const) {
      const ratios = new Float64Array(REPLICATES);
      const { logZ } = split(e, new Set());
      for (const seed of ratios.keys()) {
        ratios[seed] = Math.exp(one.index.logPartition(query, { scan, draws, seed }).logPartition - logZ);
      }
      const { tailMass, variance } = split(e, headOf(one));
      const independent = (tailMass ** 2 * variance) / draws;
      const slack = 5 * Math.sqrt(independent / REPLICATES) + 1e-5;
      expect(Math.abs(meanOf(ratios) - 1), `scan ${scan}, ${draws} draws`).toBeLessThanOrEqual(slack);
      expect(varianceOf(ratios), `scan ${scan}, ${draws} draws`).toBeLessThanOrEqual(1.25 * independent + 1e-9);
    }
  });

  test.each(SINGLE_BUCKET)("varies within the standard error where strata change nothing: $name", async (small) => {
    const query = small.queries[0] as Float32Array;
    const one = await open(small.file);
    const { logZ, variance, tailMass } = split(enumerate(storedIndex(small.file), query), new Set());
    const draws = 64;
    const squares = Array.from({ length: 500 }, (_, seed) => {
      const { logPartition, standardError } = one.index.logPartition(query, { scan: 0, draws, seed });
      return (standardError * Math.exp(logPartition - logZ)) ** 2;
    });
    const expected = (tailMass ** 2 * variance) / draws;
    expect(meanOf(squares)).toBeGreaterThan(expected - 5 * Math.sqrt(varianceOf(squares) / 500));
    expect(meanOf(squares)).toBeLessThan(5 * expected);
  });
});

describe("an estimate", () => {
  test.each(CROWDED)("follows from its draws: $name", async (small) => {
    const stored = storedIndex(small.file);
    const one = await open(small.file);
    const { kernels, plan } = one.opened;
    for (const query of small.queries) {
      const e = enumerate(stored, query);
      for (const [scan, draws] of [
        [0, 40],
        [small.itemCount >> 2, 300],
        [small.itemCount >> 1, 1],
      ] as const) {
        const answer = one.index.logPartition(query, { scan, draws, seed: 4 });
        const head = headOf(one);
        if (head.size === stored.buckets.length) continue;
        const { logZ, tailMass } = split(e, head);
        const headMass = Math.exp(logSumExp(e.scores.filter((_, id) => head.has(e.buckets[id] as number))) - logZ);
        const positions = new Int32Array(kernels.memory.buffer, plan.regions.drawPositions, draws);
        const weights = Array.from(positions, (p) => stored.ids[p] as number).map((id) =>
          Math.exp((e.scores[id] as number) - (e.logMasses[id] as number)),
        );
        const squares = meanOf(weights.map((weight) => weight ** 2));
        const estimate = headMass + tailMass * meanOf(weights);
        const logVariance = draws > 1 ? varianceOf(weights.map(Math.log)) : 0;
        const logNormal = meanOf(weights) ** 2 * (Math.exp(2 * Math.min(logVariance, 1.25)) - 1);
        const variance = Math.max(varianceOf(weights), logNormal * Math.min(1, 50 / draws));
        const unseen = 2.2 * Math.max(...weights) - meanOf(weights);
        const error = (tailMass * Math.sqrt(variance / draws + (unseen / draws) ** 2)) / estimate;
        const size = (draws * estimate ** 2) / ((headMass + tailMass) * (headMass + tailMass * squares));
        const tailSize = sum(weights) ** 2 / sum(weights.map((weight) => weight ** 2));
        expect(answer.scored).toBe(draws + sum([...head].map((b) => stored.buckets[b]?.widths.length ?? 0)));
        const estimated = logZ + Math.log(estimate);
        const inBracket = Math.min(Math.max(estimated, answer.lower), answer.upper);
        expect(answer.logPartition).toBeCloseTo(inBracket, 4);
        if (draws > 1)
          expect(Math.abs(answer.standardError - error)).toBeLessThan(1e-3 * error + 1e-6); // f32 scores
        else expect(answer.standardError).toBe(Number.POSITIVE_INFINITY);
        expect(answer.effectiveSampleSize / size).toBeCloseTo(1, 3);
        expect(answer.headShare).toBeCloseTo(headMass / estimate, 4);
        const met = positions.filter((position, j) => position !== positions[j - 1]).length;
        const few = met < Math.min(10, small.itemCount - (answer.scored - draws));
        const moved = Math.abs(inBracket - estimated) > 1e-5;
        expect(answer.lowEss).toBe(tailSize < 10 || !(error <= 0.1) || logVariance > 1.25 || few || moved);
      }
    }
  });

  test("without draws is S′, of unknown error", async () => {
    for (const small of CROWDED) {
      const query = small.queries[0] as Float32Array;
      const one = await open(small.file);
      const answer = one.index.predict(query, 3, { scan: 5, draws: 0, seed: 1 });
      const e = enumerate(storedIndex(small.file), query);
      const head = headOf(one);
      if (head.size === e.bucketLogMasses.length) continue;
      const tail = e.bucketLogMasses.filter((_, b) => !head.has(b));
      const exact = e.scores.filter((_, id) => head.has(e.buckets[id] as number));
      expect(answer.logPartition).toBeCloseTo(logSumExp([...exact, ...tail]), 4);
      expect(answer).toMatchObject({
        standardError: Number.POSITIVE_INFINITY,
        effectiveSampleSize: 0,
        lowEss: true,
        exact: false,
        scored: exact.length,
      });
      const headShare = Math.exp(logSumExp(exact) - answer.logPartition);
      expect(answer.headShare).toBeCloseTo(headShare, 4);
    }
  });

  test("with everything in the head is log Z, of no error", async () => {
    for (const small of await smallIndexes()) {
      const { index } = await open(small.file, { maxK: 400 });
      for (const query of small.queries) {
        const answer = index.predict(query, 3, { scan: small.itemCount, draws: 20, seed: 1 });
        const { scores } = enumerate(storedIndex(small.file), query);
        const logZ = logSumExp(scores);
        if (small.itemCount > 0) expect(answer.logPartition).toBeCloseTo(logZ, 4);
        else expect(answer.logPartition).toBe(Number.NEGATIVE_INFINITY);
        expect(answer).toMatchObject({
          standardError: 0,
          effectiveSampleSize: 20,
          headShare: 1,
          lowEss: false,
          exact: true,
          scored: small.itemCount,
        });
        const total = index.predict(query, small.itemCount, { scan: small.itemCount }).probabilities;
        if (small.itemCount > 0) expect(sum(total)).toBeCloseTo(1, 5);
      }
    }
  });
});

/** The moments of draws with these weights x, with a head and a proposed tail of these masses. */
function momentsOf(x: readonly number[], headMass: number, tailMass = meanOf(x)): Moments {
  return {
    headMass,
    tailMass,
    tailMean: meanOf(x),
    tailSquareMean: meanOf(x.map((value) => value * value)),
    tailLargest: Math.max(...x),
    tailLogVariance: x.length > 1 ? varianceOf(x.map(Math.log)) : 0,
    logTail: Math.log(tailMass),
    rounding: 0,
    tailLogSpread: 0,
    logShift: 0,
    drawCount: x.length,
    distinctCount: x.length,
    tailCount: x.length,
  };
}

const FUNCTIONS = { exp64: Math.exp, log64: Math.log };
const estimateOf = (m: Moments) => estimateLogPartition(m, m.drawCount, ALLOWANCES, FUNCTIONS);

/** `common` times `weight`, and one draw of `largest`. */
const oneLarge = (common: number, weight: number, largest: number): number[] => [
  ...new Array<number>(common).fill(weight),
  largest,
];

describe("the standard error", () => {
  test("of draws of equal weight is that of one more draw of 2.2 times their weight", () => {
    expect(estimateOf(momentsOf(new Array<number>(100).fill(3), 0)).standardError).toBeCloseTo(1.2 / 100, 12);
    expect(estimateOf(momentsOf(new Array<number>(100).fill(3), 9)).standardError).toBeCloseTo(1.2 / 400, 12);
  });

  test("uses the draws' variance if it is the larger", () => {
    // 99 draws of 1 and one of 11 have mean 1.1 and variance 1. log x has variance 0.01 · ln² 11, which gives e^(2 ·
    // 0.057) − 1.
    const x = oneLarge(99, 1, 11);
    const expected = Math.sqrt(varianceOf(x) / 100 + ((2.2 * 11 - 1.1) / 100) ** 2) / 1.1;
    expect(estimateOf(momentsOf(x, 0)).standardError).toBeCloseTo(expected, 12);
  });

  test("uses that of a log-normal if draws have missed the large weights, half of it for 100 draws", () => {
    // Weights e^±1 have a variance of log x of 1.01, and their own variance is tanh² 1 = 0.58 of the squared mean.
    const x = Array.from({ length: 100 }, (_, j) => Math.exp(j % 2 === 0 ? 1 : -1));
    const mean = meanOf(x);
    const logNormal = mean ** 2 * (Math.exp((2 * 100) / 99) - 1) * 0.5;
    const expected = Math.sqrt(logNormal / 100 + ((2.2 * Math.E - mean) / 100) ** 2) / mean;
    expect(estimateOf(momentsOf(x, 0)).standardError).toBeCloseTo(expected, 12);
  });

  test("is finite if the weights span the range of f64", () => {
    const x = oneLarge(99, 1e-300, 1);
    expect(estimateOf(momentsOf(x, 1)).standardError).toBeLessThan(1);
    expect(estimateOf({ ...momentsOf(x, 1), tailMean: 0, tailSquareMean: 0, tailLargest: 0 })).toMatchObject({
      standardError: 0,
      lowEss: true,
    });
  });

  test("takes no variance from rounding", () => {
    const m = { ...momentsOf(new Array<number>(100).fill(1), 0), tailSquareMean: 1 - 1e-16 };
    expect(estimateOf(m)).toMatchObject({ standardError: (2.2 - 1) / 100, lowEss: false });
  });
});

describe("lowEss", () => {
  /** Estimates behind a head that hides the tail's error. */
  const lowEss = (x: readonly number[]): boolean => estimateOf(momentsOf(x, 1e6)).lowEss;

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
    expect(estimateOf(momentsOf(x, 0)).standardError).toBeCloseTo(0.1, 12);
    expect(estimateOf(momentsOf(x.slice(1), 0)).lowEss).toBe(true);
    expect(estimateOf(momentsOf([...x, 1], 0)).lowEss).toBe(false);
  });

  test("is true if the draws met fewer than ten classes, or not all of a smaller tail", () => {
    const m = momentsOf(new Array<number>(100).fill(1), 1e6);
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

describe("the effective sample size", () => {
  const sizeOf = (m: Partial<Moments>): number =>
    estimateOf({ ...momentsOf([1, 1, 1, 1], 1), ...m }).effectiveSampleSize;

  test("is finite if the tail vanishes beside the head, or the head beside the tail", () => {
    expect(sizeOf({ tailMass: 0, tailMean: 0, tailSquareMean: 0 })).toBe(4);
    expect(sizeOf({ tailMass: 0 })).toBe(0); // never proposed, yet not nothing
    expect(sizeOf({ headMass: 0, tailMass: Number.POSITIVE_INFINITY })).toBe(4);
    expect(sizeOf({ tailMass: Number.POSITIVE_INFINITY })).toBe(0);
  });
});
