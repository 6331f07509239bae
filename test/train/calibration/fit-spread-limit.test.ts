import { describe, expect, it } from "vitest";
import { UNMEASURED } from "../../../src/format/calibration-values.ts";
import { fitSpreadLimit, SAFE_SPREAD, withSpreadLimit } from "../../../src/train/calibration/fit-spread-limit.ts";
import type { SpreadAnswers } from "../../../src/train/calibration/measured-answers.ts";
import { syntheticAnswers } from "./synthetic.ts";

const NONE = UNMEASURED.spreadLimit;
const QUERIES = 50;
const CELLS = 8;

/** Trusted answers with a spread of `logSpread`, of which those to the first `missing` queries miss. */
function answersOf(missing: number, logSpread = 2): SpreadAnswers {
  const answers = syntheticAnswers(QUERIES, CELLS, () => ({ error: 0, bar: 0.05, modelError: 0.05 }));
  for (const [i, query] of answers.queries.entries()) if (query < missing) answers.errors[i] = 5;
  const each = Float64Array.from(answers.errors, () => logSpread);
  return { ...answers, logSpreads: each, modelShares: each.map(() => 0.5) };
}

const cells = Array.from({ length: CELLS }, (_, cell) => ({ scan: cell < CELLS / 2 ? 0 : 1024 }));
const limitOf = (answers: SpreadAnswers, isReal = false, spread = 1): number =>
  fitSpreadLimit(answers, { asked: isReal ? "queries" : "stand-ins", cells, spread });
const limitByDiscriminants = (answers: SpreadAnswers): number =>
  fitSpreadLimit(answers, { asked: "discriminants", cells, spread: 1 });

describe("the limit of spreads", () => {
  it("is none where answers hold, and where no more of them miss than chance explains", () => {
    expect(limitOf(answersOf(0))).toBe(NONE);
    expect(limitOf(answersOf(3))).toBe(NONE); // 6 %
  });

  it("is the spread up to which bars hold everywhere where a suspicion remains", () => {
    expect(limitOf(answersOf(4))).toBe(SAFE_SPREAD); // 8 %, give or take 4
    expect(limitOf(answersOf(40))).toBe(SAFE_SPREAD);
  });

  it("is also there where only very wide bars hold", () => {
    expect(limitOf(answersOf(0), true, 2.25)).toBe(NONE);
    expect(limitOf(answersOf(0), true, 2.5)).toBe(SAFE_SPREAD);
  });

  it("is about answers beyond it alone", () => {
    expect(limitOf(answersOf(40, SAFE_SPREAD))).toBe(NONE);
    expect(limitOf(answersOf(40, SAFE_SPREAD + 1e-9))).toBe(SAFE_SPREAD);
  });

  it("is about trusted answers alone", () => {
    const answers = answersOf(40);
    answers.bars.fill(0.2);
    expect(limitOf(answers)).toBe(NONE);
  });

  it("needs 20 answers", () => {
    const answers = answersOf(40);
    answers.bars.fill(0.2, 19);
    expect(limitOf(answers)).toBe(NONE);
    answers.bars[19] = 0.05;
    expect(limitOf(answers)).toBe(SAFE_SPREAD);
  });
});

describe("the limit of spreads by queries of users", () => {
  it("needs more than a suspicion", () => {
    expect(limitOf(answersOf(4), true)).toBe(NONE); // 8 %, give or take 4
    expect(limitOf(answersOf(7), true)).toBe(SAFE_SPREAD); // 14 %, give or take 5
  });

  it("is that of the size of the head that misses most", () => {
    const answers = answersOf(0);
    for (const [i, query] of answers.queries.entries()) {
      if (query < 7 && cells[answers.cells[i] as number]?.scan === 0) answers.errors[i] = 5;
    }
    expect(limitOf(answers)).toBe(NONE); // 7 %, but 14 % of the heads without classes
    expect(limitOf(answers, true)).toBe(SAFE_SPREAD);
    for (const [i, query] of answers.queries.entries()) if (query >= 4) answers.errors[i] = 0;
    expect(limitOf(answers, true)).toBe(NONE);
  });

  it("needs ten answers of a size", () => {
    const answers = answersOf(40);
    for (const [i, query] of answers.queries.entries()) if (answers.cells[i] !== 0 || query >= 9) answers.bars[i] = 0.2;
    expect(limitOf(answers, true)).toBe(NONE);
    answers.bars[9 * CELLS] = 0.05;
    expect(limitOf(answers, true)).toBe(SAFE_SPREAD);
  });
});

describe("answers with a limit of spreads", () => {
  it("have no bar beyond it, unless nothing was sampled", () => {
    const answers = answersOf(0);
    answers.logSpreads[0] = 0.5;
    answers.bars[1] = 0;
    const { bars } = withSpreadLimit(answers, 0.5);
    expect(Array.from(bars.subarray(0, 4))).toEqual([0.05, 0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(withSpreadLimit(answers, NONE).bars).toEqual(answers.bars);
  });
});

describe("the limit of spreads by discriminants", () => {
  it("needs a proof", () => {
    expect(limitByDiscriminants(answersOf(7))).toBe(NONE); // 14 %, give or take 5
    expect(limitByDiscriminants(answersOf(15))).toBe(SAFE_SPREAD); // 30 %, give or take 6.5
  });
});
