import { describe, expect, it } from "vitest";
import { modelError } from "../../../src/answers/dispersion-bars.ts";
import { exp64 } from "../../../src/arithmetic/exp-log.ts";
import { fitSpread } from "../../../src/train/calibration/fit-spread.ts";
import { cellsOf, GRIDS, gridOfRows } from "../../../src/train/calibration/grid.ts";
import { type SpreadAnswers, withSpread } from "../../../src/train/calibration/measured-answers.ts";
import { normalsFrom, syntheticAnswers, uniformsFrom } from "./synthetic.ts";

const DRAWS = 100;
const SHARE = 0.5;
const CELLS = 16;

const errorAt = (logTail: number, logSpread: number, spread: number): number =>
  modelError({ logTail, tailLogSpread: logSpread }, DRAWS, 0, spread, { exp64 });

/** Answers whose errors are normal with nine tenths of the bar that `spread` gives, and logarithms of second moments from `from` to 2 · `from`. */
function answersOf(spread: number, from: number): SpreadAnswers {
  const [normal, uniform] = [normalsFrom(3), uniformsFrom(4)];
  const logSpreads: number[] = [];
  const answers = syntheticAnswers(200, CELLS, () => {
    const [logTail, logSpread] = [Math.log(0.02 + 0.08 * uniform()), from * (1 + uniform())];
    logSpreads.push(logSpread);
    const [expected, wide] = [errorAt(logTail, logSpread, 1), errorAt(logTail, logSpread, spread)];
    return { error: 0.9 * Math.sqrt(SHARE) * wide * normal(), bar: Math.sqrt(SHARE) * expected, modelError: expected };
  });
  const modelShares = Float64Array.from(logSpreads, () => SHARE);
  return { ...answers, logSpreads: Float64Array.from(logSpreads), modelShares };
}

describe("answers with another spread", () => {
  it("have the bars and the model errors that the rule of bars gives", () => {
    const [answers, wide] = [answersOf(1, 1.5), withSpread(answersOf(1, 1.5), 2)];
    for (const [i, logSpread] of answers.logSpreads.entries()) {
      const mass = (answers.modelErrors[i] as number) ** 2 / (Math.exp(logSpread) - 1);
      expect(wide.modelErrors[i]).toBeCloseTo(Math.sqrt(mass * (Math.exp(2 * logSpread) - 1)), 10);
      expect(wide.bars[i]).toBeCloseTo(Math.sqrt(SHARE) * (wide.modelErrors[i] as number), 10);
    }
  });

  it("have no bar where the second moment is beyond all numbers, and never one that is no number", () => {
    const answers = answersOf(1, 800);
    answers.modelErrors.fill(0.01);
    answers.bars.fill(0.01);
    const { bars, modelErrors } = withSpread(answers, 4);
    expect(new Set([...bars, ...modelErrors])).toEqual(new Set([Number.POSITIVE_INFINITY]));
  });

  it("keep bars without a model's error: certain ones, and those beyond all numbers", () => {
    const answers = answersOf(1, 1.5);
    answers.modelErrors.fill(0);
    answers.bars.fill(Number.POSITIVE_INFINITY, 0, 3);
    expect(withSpread(answers, 4).bars).toEqual(answers.bars);
  });
});

describe("the calls with rows", () => {
  it("are each made eight times with other draws, so that single answers decide nothing", () => {
    const { temperatures } = GRIDS.quick;
    const grid = gridOfRows(GRIDS.quick);
    expect(cellsOf(grid)).toHaveLength(temperatures.length * 2 * 8);
    expect(new Set(cellsOf(grid).map(({ draws }) => draws))).toEqual(new Set([100]));
  });
});

describe("the spread", () => {
  it.each(["rows", "queries"] as const)("is 1 where the model is right, by %s", (asked) => {
    expect(fitSpread(answersOf(1, 1.5), asked)).toBe(1);
  });

  it.each([1.5, 2, 2.5])("is found where logits reach further: %d", (spread) => {
    const found = fitSpread(answersOf(spread, 1.5), "rows");
    expect(Math.abs(found - spread)).toBeLessThanOrEqual(0.25);
  });

  it("counts the misses of trusted answers alone", () => {
    const answers = answersOf(1, 1.5);
    // Untrusted answers that miss by far.
    for (let i = 0; i < answers.bars.length; i += 2) {
      answers.bars[i] = 0.2;
      answers.errors[i] = 5;
    }
    expect(fitSpread(answers, "queries")).toBe(1);
    expect(fitSpread(answers, "rows")).toBe(1);
  });

  it("allows answers to rows fewer misses than answers to queries", () => {
    const answers = answersOf(1, 1.5);
    answers.errors.fill(0);
    answers.bars.fill(0.05);
    for (let i = 0; i < answers.errors.length; i += 22) answers.errors[i] = 5; // 4.5 %
    expect(fitSpread(answers, "queries")).toBe(1);
    expect(fitSpread(answers, "rows")).toBeGreaterThan(1);
  });

  it("is 1 where second moments are so small that the draws show them", () => {
    const answers = answersOf(1, 0.2);
    answers.errors.fill(1);
    expect(fitSpread(answers, "rows")).toBe(1);
  });

  it("is 1 where few answers tell", () => {
    const answers = answersOf(3, 1.5);
    answers.logSpreads.fill(0.5, Math.floor(answers.logSpreads.length / 10));
    expect(fitSpread(answers, "rows")).toBe(1);
    expect(fitSpread(answers, "queries")).toBeGreaterThan(1);
  });

  it("is at least the one before", () => {
    expect(fitSpread(answersOf(1, 1.5), "queries", 2)).toBe(2);
  });
});
