import { describe, expect, it } from "vitest";
import { UNMEASURED } from "../../../src/format/calibration-values.ts";
import { fitCalibration } from "../../../src/train/calibration/fit-calibration.ts";
import { normalsFrom, type SyntheticAnswer, syntheticAnswers, uniformsFrom } from "./synthetic.ts";

const { spread: _, spreadLimit: _l, ...NOTHING } = UNMEASURED;
const REAL = { isReal: true, queryCount: 200 };
const STAND_INS = { ...REAL, isReal: false };
const CELLS = 12;
/** One factor serves calls that were not measured, so it is not much below 1. */
const LEAST = Math.fround(0.85);

/** Bars between .002 and .05, with normal errors of `spread` bars. The model explains a part of each bar. */
function normalAnswers(spread: number, seed: number, change: (answer: SyntheticAnswer) => SyntheticAnswer = (a) => a) {
  const [normal, uniform] = [normalsFrom(seed), uniformsFrom(seed + 1)];
  return syntheticAnswers(REAL.queryCount, CELLS, () => {
    const bar = 0.002 * 25 ** uniform();
    return change({ error: spread * bar * normal(), bar, modelError: bar * (0.2 + 0.8 * uniform()) });
  });
}

describe("the factor", () => {
  it.each([0.8, 0.9, 1, 1.2])("makes intervals of bars with a spread of %d cover 95 to 98 %", (spread) => {
    const { factor, coverage } = fitCalibration(normalAnswers(spread, 7), REAL);
    expect(factor / spread).toBeGreaterThan(1);
    expect(factor / spread).toBeLessThan(1.15);
    expect(coverage).toBeGreaterThan(0.955);
    expect(coverage).toBeLessThan(0.98);
  });

  it("covers the answers of other queries as well", () => {
    const { factor } = fitCalibration(normalAnswers(0.9, 7), REAL);
    const { errors, bars } = normalAnswers(0.9, 1234);
    const covered = errors.filter((error, i) => Math.abs(error) <= 1.96 * factor * (bars[i] as number)).length;
    expect(covered / errors.length).toBeGreaterThan(0.95);
    expect(covered / errors.length).toBeLessThan(0.98);
  });

  it("is at least 1 from stand-ins, and from fewer than 100 queries", () => {
    const narrow = normalAnswers(0.5, 3);
    expect(fitCalibration(narrow, REAL).factor).toBe(LEAST);
    expect(fitCalibration(narrow, STAND_INS).factor).toBe(1);
    expect(fitCalibration(narrow, { isReal: true, queryCount: 99 }).factor).toBe(1);
    // Stand-ins widen bars that they prove to be too narrow, and no more.
    expect(fitCalibration(normalAnswers(1.05, 3), STAND_INS).factor).toBe(1);
    expect(fitCalibration(normalAnswers(1.4, 3), STAND_INS).factor).toBeGreaterThan(1.2);
  });

  it("is at least that of an earlier calibration from stand-ins and from fewer than 100 queries", () => {
    const [narrow, earlier] = [normalAnswers(0.5, 3), { factor: 1.25, limit: 0.125 }];
    for (const few of [STAND_INS, { isReal: true, queryCount: 99 }]) {
      const { factor, limit } = fitCalibration(narrow, { ...few, earlier });
      expect(factor).toBe(1.25);
      expect(limit).toBeLessThanOrEqual(earlier.limit);
      expect(fitCalibration(normalAnswers(1.5, 3), { ...few, earlier }).factor).toBeGreaterThan(1.25);
    }
    expect(fitCalibration(narrow, { ...REAL, earlier })).toEqual(fitCalibration(narrow, REAL));
  });

  it("stays within its range, and the coverage tells what it could not reach", () => {
    expect(fitCalibration(normalAnswers(0.1, 5), REAL).factor).toBe(LEAST);
    const { factor, coverage } = fitCalibration(normalAnswers(2, 5), REAL);
    expect(factor).toBe(1.5);
    expect(coverage).toBeLessThan(0.94);
  });

  it("rises for a single kind of call that misses too often", () => {
    const even = normalAnswers(0.85, 11);
    const uneven = { ...even, errors: even.errors.map((error, i) => (i % CELLS === 3 ? 2 * error : error)) };
    expect(fitCalibration(uneven, REAL).factor).toBeGreaterThan(fitCalibration(even, REAL).factor + 0.1);
  });

  it("does not depend on bars at their floor, on flagged answers, or on answers without draws", () => {
    const plain = normalAnswers(0.8, 13);
    const more = [0.0005, 0.5, 0];
    const mixed = syntheticAnswers(REAL.queryCount, CELLS + more.length, (query, cell) => {
      const i = query * CELLS + cell;
      const bar = more[cell - CELLS];
      if (bar !== undefined) return { error: 0, bar, modelError: bar };
      return {
        error: plain.errors[i] as number,
        bar: plain.bars[i] as number,
        modelError: plain.modelErrors[i] as number,
      };
    });
    const alone = fitCalibration(plain, REAL);
    const among = fitCalibration(mixed, REAL);
    expect(among.factor).toBe(alone.factor);
    expect(among.coverage).toBe(alone.coverage);
    expect(among.answers).toBe(REAL.queryCount * (CELLS + 2));
    expect(among.flagged).toBeGreaterThan(0.05);
  });

  it("is 1 where too few answers are telling", () => {
    const few = syntheticAnswers(10, 3, () => ({ error: 0, bar: 0.01, modelError: 0.01 }));
    expect(fitCalibration(few, { isReal: true, queryCount: 1000 }).factor).toBe(1);
  });

  it("knows that answers to one query go together", () => {
    // 4 % of the answers miss by three bars. If they are those of eight queries, it could as well have been twelve.
    const answers = (isMiss: (query: number, cell: number) => boolean) =>
      syntheticAnswers(200, 40, (query, cell) => ({
        ...{ error: isMiss(query, cell) ? 0.03 : 0, bar: 0.01, modelError: 0.01 },
      }));
    expect(
      fitCalibration(
        answers((query, cell) => (query + cell) % 25 === 0),
        REAL,
      ).factor,
    ).toBe(LEAST);
    expect(
      fitCalibration(
        answers((query) => query < 8),
        REAL,
      ).factor,
    ).toBe(1.5);
  });
});

describe("the limit", () => {
  /** Spreads from .01 to 10. Errors are `spread` bars, from `from` on ten times as large. */
  const answersUpTo = (from: number) => {
    const [normal, uniform] = [normalsFrom(5), uniformsFrom(6)];
    return syntheticAnswers(REAL.queryCount, CELLS, () => {
      const modelError = 0.01 * 1000 ** uniform();
      const bar = modelError * 1.1;
      return { error: (modelError >= from ? 10 : 0.9) * bar * normal(), bar, modelError };
    });
  };

  it("is the largest error by the model that was measured, if intervals hold", () => {
    const { limit } = fitCalibration(answersUpTo(Number.POSITIVE_INFINITY), REAL);
    expect(limit).toBeGreaterThan(9.8);
    expect(limit).toBeLessThanOrEqual(10);
  });

  it("lies below errors by the model for which intervals do not hold", () => {
    const { limit } = fitCalibration(answersUpTo(1), REAL);
    expect(limit).toBeLessThanOrEqual(1);
    expect(limit).toBeGreaterThan(0.5);
  });

  it("is wider for stand-ins, whose spread may be smaller than that of queries", () => {
    const { limit } = fitCalibration(answersUpTo(Number.POSITIVE_INFINITY), STAND_INS);
    expect(limit).toBeGreaterThan(39);
  });

  it("is at least the widest bar that is trusted, where nothing speaks against it", () => {
    const sure = syntheticAnswers(200, 12, () => ({ error: 0.001, bar: 0.002, modelError: 0.002 }));
    expect(fitCalibration(sure, REAL).limit).toBeCloseTo(0.1);
  });
});

it("leaves bars as they are without answers from draws", () => {
  const exact = syntheticAnswers(200, 12, () => ({ error: 0, bar: 0, modelError: 0 }));
  expect(fitCalibration(exact, REAL)).toEqual(NOTHING);
  expect(
    fitCalibration(
      syntheticAnswers(0, 0, () => ({ error: 0, bar: 0, modelError: 0 })),
      REAL,
    ),
  ).toEqual(NOTHING);
});
