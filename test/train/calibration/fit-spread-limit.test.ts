import { describe, expect, it } from "vitest";
import { UNMEASURED } from "../../../src/format/calibration-values.ts";
import { fitSpreadLimit, withSpreadLimit } from "../../../src/train/calibration/fit-spread-limit.ts";
import type { SpreadAnswers } from "../../../src/train/calibration/measured-answers.ts";
import { syntheticAnswers, uniformsFrom } from "./synthetic.ts";

const NONE = UNMEASURED.spreadLimit;
const CELLS = 16;

/** Trusted answers with spreads of 0 to 8. The share `missing` of those with a spread above 3 is off by a nat. */
function answersOf(queryCount: number, missing: number, bar = 0.02): SpreadAnswers {
  const uniform = uniformsFrom(7);
  const logSpreads: number[] = [];
  const answers = syntheticAnswers(queryCount, CELLS, () => {
    const logSpread = 8 * uniform();
    logSpreads.push(logSpread);
    return { error: logSpread > 3 && uniform() < missing ? -1 : 0, bar, modelError: bar };
  });
  const modelShares = Float64Array.from(logSpreads, () => 0.5);
  return { ...answers, logSpreads: Float64Array.from(logSpreads), modelShares };
}

describe("the limit of the spread", () => {
  it.each([0, 0.05, 0.1])("excludes nothing where the share %d of the sharp answers misses", (missing) => {
    expect(fitSpreadLimit(answersOf(64, missing))).toBe(NONE);
  });

  it.each([0.3, 0.6, 1])("lies where answers begin to miss, if the share %d of those beyond does", (missing) => {
    const limit = fitSpreadLimit(answersOf(64, missing));
    expect(limit).toBeGreaterThan(2.2);
    expect(limit).toBeLessThan(3.2);
  });

  it("needs proof: a few queries show nothing, nor do misses of one of many", () => {
    expect(fitSpreadLimit(answersOf(2, 0.3))).toBe(NONE);
    const one = answersOf(64, 0);
    one.errors.fill(-1, 0, CELLS);
    expect(fitSpreadLimit(one)).toBe(NONE);
  });

  it("counts neither errors that do not matter nor answers that are not trusted", () => {
    const small = answersOf(64, 1, 0.001);
    expect(fitSpreadLimit({ ...small, errors: small.errors.map((error) => error / 60) })).toBe(NONE);
    expect(fitSpreadLimit(answersOf(64, 1, 0.2))).toBe(NONE);
  });

  it("is positive where all answers miss, and no answer keeps its bar then", () => {
    const answers = answersOf(64, 1);
    answers.errors.fill(1);
    const limit = fitSpreadLimit(answers);
    expect(limit).toBe(Math.fround(1e-6));
    expect(new Set(withSpreadLimit(answers, limit).bars)).toEqual(new Set([Number.POSITIVE_INFINITY]));
  });
});

describe("answers with a limit of the spread", () => {
  it("have no bar beyond it, and are as they were up to it", () => {
    const answers = answersOf(4, 0);
    answers.bars[0] = 0; // certain
    answers.modelErrors[0] = 0;
    answers.logSpreads[0] = 5;
    const { bars, modelErrors } = withSpreadLimit(answers, 3);
    for (const [i, logSpread] of answers.logSpreads.entries()) {
      const isBeyond = i > 0 && logSpread > 3;
      expect(bars[i]).toBe(isBeyond ? Number.POSITIVE_INFINITY : answers.bars[i]);
      expect(modelErrors[i]).toBe(isBeyond ? Number.POSITIVE_INFINITY : answers.modelErrors[i]);
    }
  });

  it("are all as they were without one", () => {
    const answers = answersOf(4, 0.5);
    expect(withSpreadLimit(answers, NONE)).toEqual(answers);
  });
});
