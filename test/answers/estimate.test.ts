import { describe, expect, test } from "vitest";
import { headOf, open, tiltPathOf } from "../fixtures/open.ts";
import { halfOfSmallIndexes, smallIndexes } from "../fixtures/small-indexes.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { LARGE } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { dispersionBar, LEAST_ERROR, roundingError } from "../statistics/dispersion-bar.ts";
import { estimateOfDraws, meanOf, split, sum, varianceOf } from "../statistics/drawn-estimate.ts";
import { enumerate, logSumExp } from "../statistics/enumeration.ts";

const CROWDED = (await halfOfSmallIndexes(0)).filter(({ itemCount }) => itemCount >= 30);
const SINGLE_BUCKET = CROWDED.filter(({ name }) => name.includes("K = 1,"));

test("some of the indexes have outliers", () => {
  expect(CROWDED.filter(({ file }) => storedIndex(file).outliers.length > 0).length).toBeGreaterThan(5);
});

describe("Ẑ", () => {
  const REPLICATES = LARGE ? 4000 : 1500;

  // `logPartition` moves an estimate into its bracket, which biases it. `predict` does not.
  test.each(CROWDED)("is unbiased, and varies no more than with independent draws: $name", async (small) => {
    const query = small.queries[1] as Float32Array;
    const e = enumerate(storedIndex(small.file), query);
    const one = await open(small.file);
    const efforts = [
      [0, 1],
      [0, 8],
      [small.itemCount >> 2, 5],
    ] as const;
    for (const [scan, draws] of inTurn(efforts, LARGE ? 1 : 2)) {
      const ratios = new Float64Array(REPLICATES);
      const logZ = logSumExp(e.scores);
      for (const seed of ratios.keys()) {
        ratios[seed] = Math.exp(one.index.predict(query, 0, { scan, draws, seed }).logPartition - logZ);
      }
      expect(tiltPathOf(one)).toBe("factors");
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
    const draws = 64;
    one.index.predict(query, 0, { scan: 0, draws });
    const { logZ, variance, tailMass } = split(enumerate(storedIndex(small.file), query), headOf(one));
    const squares = Array.from({ length: 500 }, (_, seed) => {
      const { logPartition, standardError } = one.index.predict(query, 0, { scan: 0, draws, seed });
      return (standardError * Math.exp(logPartition - logZ)) ** 2;
    });
    const expected = (tailMass ** 2 * variance) / draws;
    expect(meanOf(squares)).toBeGreaterThan(expected - 5 * Math.sqrt(varianceOf(squares) / 500));
    expect(meanOf(squares)).toBeLessThan(5 * expected);
  });
});

/** The calls whose bars are compared with the formulas: without a head, and with a quarter and half of the classes. */
const callsOf = (itemCount: number): [scan: number, draws: number][] => [
  [0, 40],
  [itemCount >> 2, 300],
  [itemCount >> 1, 1],
];

describe("an estimate", () => {
  test.each(CROWDED)("follows from its draws: $name", async (small) => {
    const stored = storedIndex(small.file);
    const one = await open(small.file);
    for (const query of small.queries) {
      for (const [scan, draws] of callsOf(small.itemCount)) {
        one.index.predict(query, 0, { scan, draws, seed: 4 });
        const tilts = tiltPathOf(one); // bounds have none
        const answer = one.index.logPartition(query, { scan, draws, seed: 4 });
        if (headOf(one).size === stored.buckets.length) continue;
        const e = enumerate(stored, query, { tilts });
        const drawn = estimateOfDraws(one, stored, e, draws);
        const { estimated } = drawn;
        expect(answer.scored).toBe(draws + drawn.headScores.length);
        const inBracket = Math.min(Math.max(estimated, answer.lower), answer.upper);
        expect(answer.logPartition).toBeCloseTo(inBracket, 4);
        const bar = dispersionBar(stored, query, e, drawn);
        expect(Math.abs(answer.modelError - bar.modelError)).toBeLessThan(1e-3 * bar.modelError + 1e-6);
        if (draws > 1) {
          expect(Math.abs(answer.standardError - bar.standardError)).toBeLessThan(1e-3 * bar.standardError + 1e-6);
        } else expect(answer.standardError).toBe(Number.POSITIVE_INFINITY);
        expect(answer.effectiveSampleSize / drawn.effectiveSampleSize).toBeCloseTo(1, 3);
        expect(answer.headShare).toBeCloseTo(drawn.headMass / drawn.estimate, 4);
        const moved = Math.abs(inBracket - estimated) > 1e-5;
        expect(answer.lowEss).toBe(!(answer.standardError <= 0.1) || moved);
        expect(answer.calibrated).toBe(false);
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
      const { headScores, headMass, logZ } = split(e, head);
      const tail = e.bucketLogMasses.filter((_, b) => !head.has(b));
      expect(answer.logPartition).toBeCloseTo(logSumExp([...headScores, ...tail]), 4);
      expect(answer).toMatchObject({
        standardError: Number.POSITIVE_INFINITY,
        effectiveSampleSize: 0,
        lowEss: true,
        exact: false,
        scored: headScores.length,
      });
      expect(answer.headShare).toBeCloseTo(headMass * Math.exp(logZ - answer.logPartition), 4);
    }
  });

  test("with everything in the head is log Z, of no error", async () => {
    for (const small of await smallIndexes()) {
      const { index } = await open(small.file, { maxK: 400 });
      for (const query of small.queries) {
        const answer = index.predict(query, 3, { scan: small.itemCount, draws: 20, seed: 1 });
        const stored = storedIndex(small.file);
        const { scores } = enumerate(stored, query);
        const logZ = logSumExp(scores);
        if (small.itemCount > 0) expect(answer.logPartition).toBeCloseTo(logZ, 4);
        else expect(answer.logPartition).toBe(Number.NEGATIVE_INFINITY);
        const rounding = roundingError(stored, query, Math.max(...scores));
        if (answer.standardError > 0) expect(answer.standardError / rounding).toBeCloseTo(1, 3);
        else expect(rounding).toBeLessThanOrEqual(LEAST_ERROR * 1.001);
        expect(answer).toMatchObject({
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
