import { describe, expect, test } from "vitest";
import { estimateLogPartition, type Moments } from "../src/estimate.ts";
import { type Enumeration, enumerate, logSumExp } from "./enumeration.ts";
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

/** Z_H, S_T, the tail's classes with their Q, and the variance of e^t over them: all as parts of Z. */
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

  test.each(SINGLE_BUCKET)("varies as the standard error says where strata change nothing: $name", async (small) => {
    const query = small.queries[0] as Float32Array;
    const one = await open(small.file);
    const { logZ, variance, tailMass } = split(enumerate(storedIndex(small.file), query), new Set());
    const draws = 64;
    const squares = Array.from({ length: 500 }, (_, seed) => {
      const { logPartition, standardError } = one.index.logPartition(query, { scan: 0, draws, seed });
      return (standardError * Math.exp(logPartition - logZ)) ** 2;
    });
    const expected = (tailMass ** 2 * variance) / draws;
    expect(Math.abs(meanOf(squares) - expected)).toBeLessThanOrEqual(5 * Math.sqrt(varianceOf(squares) / 500));
    expect(meanOf(squares)).toBeGreaterThan(0.7 * expected);
  });
});

describe("an estimate", () => {
  test.each(CROWDED)("is what its draws say: $name", async (small) => {
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
        const error = (tailMass * Math.sqrt(varianceOf(weights) / draws)) / estimate;
        const size = (draws * estimate ** 2) / ((headMass + tailMass) * (headMass + tailMass * squares));
        const tailSize = sum(weights) ** 2 / sum(weights.map((weight) => weight ** 2));
        expect(answer.scored).toBe(draws + sum([...head].map((b) => stored.buckets[b]?.widths.length ?? 0)));
        expect(answer.logPartition).toBeCloseTo(logZ + Math.log(estimate), 4);
        if (draws > 1)
          expect(Math.abs(answer.standardError - error)).toBeLessThan(1e-3 * error + 1e-6); // f32 scores
        else expect(answer.standardError).toBe(Number.POSITIVE_INFINITY);
        expect(answer.effectiveSampleSize / size).toBeCloseTo(1, 3);
        expect(answer.lowEss).toBe(tailSize < Math.max(10, draws / 10) || !(error <= 0.1));
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

describe("lowEss", () => {
  /** Draws of weight 1 and of weight `large`, one in `every`; head and tail of equal mass. */
  const moments = (drawCount: number, every: number, large: number, headMass = 1): Moments => {
    const tailMean = (every - 1 + large) / every;
    return {
      headMass,
      tailMass: 1,
      tailMean,
      tailSquareMean: (every - 1 + large ** 2) / every,
      logShift: 0,
      drawCount,
    };
  };
  const lowEss = (m: Moments): boolean => estimateLogPartition(m, m.drawCount, Math.log).lowEss;

  test("is false for draws of equal weight, from ten of them on", () => {
    expect(lowEss(moments(10, 10, 1))).toBe(false);
    expect(lowEss(moments(9, 9, 1))).toBe(true);
    expect(lowEss(moments(1, 1, 1))).toBe(true);
  });

  test("is true below a tenth of the draws", () => {
    // (Σx)²/Σx² of 999 draws of 0.001 and one of `large`, behind a head that hides their error
    const tail = (large: number): Moments => moments(1000, 1000, large, 1e6);
    const sizeOf = ({ tailMean, tailSquareMean }: Moments): number => (1000 * tailMean ** 2) / tailSquareMean;
    expect(sizeOf(tail(142))).toBeLessThan(100);
    expect(sizeOf(tail(100))).toBeGreaterThan(100);
    expect(lowEss(tail(142))).toBe(true);
    expect(lowEss(tail(100))).toBe(false);
  });

  test("is true above a standard error of a tenth", () => {
    // draws of 0 and 2: deviation 1, so the error is 1 / √(draws − 1) of the tail, and half that of Ẑ
    const m = (drawCount: number): Moments => ({
      headMass: 1,
      tailMass: 1,
      tailMean: 1,
      tailSquareMean: 2,
      logShift: 0,
      drawCount,
    });
    expect(estimateLogPartition(m(26), 26, Math.log).standardError).toBeCloseTo(0.1, 12);
    expect(lowEss(m(25))).toBe(true);
    expect(lowEss(m(27))).toBe(false);
  });

  test("a variance that rounding made negative is none", () => {
    const m = { headMass: 0, tailMass: 1, tailMean: 1, tailSquareMean: 1 - 1e-16, logShift: 0, drawCount: 100 };
    expect(estimateLogPartition(m, 100, Math.log)).toMatchObject({ standardError: 0, lowEss: false });
  });
});
