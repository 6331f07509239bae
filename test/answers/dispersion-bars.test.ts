import { describe, expect, test } from "vitest";
import { estimateLogPartition } from "../../src/answers/error-bars.ts";
import type { Moments } from "../../src/answers/moments.ts";
import type { ErrorBars } from "../../src/memory/error-bars.ts";
import { meanOf, varianceOf } from "../statistics/drawn-estimate.ts";
import { FUNCTIONS, momentsOfWeights } from "../statistics/moments-of-weights.ts";

// The rule of error bars for files with dispersions (docs/method.md, section 4), from moments. estimate.test.ts compares it
// with what the tables of an index say.

const BARS: ErrorBars = {
  ...{ hasDispersions: true, isCalibrated: true, factor: 1, spread: 1 },
  ...{
    limit: Number.POSITIVE_INFINITY,
    spreadLimit: Number.POSITIVE_INFINITY,
    flagged: 0,
    scoreByStep: 0,
    scoreByNorm: 0,
  },
};
const estimateOf = (m: Moments, bars: Partial<ErrorBars> = {}) =>
  estimateLogPartition(m, m.drawCount, { ...BARS, ...bars }, FUNCTIONS);

/** 100 draws of weights 1 and 3, which the dispersions lead one to expect to have a second moment of e^½ times the square. */
const x = Array.from({ length: 100 }, (_, j) => 1 + 2 * (j % 2));
const seen = varianceOf(x) / 100;
/** Squared, for a head of `headMass` and a proposed tail of 2. */
const expected = (headMass: number): number => (4 * (Math.exp(0.5) - 1)) / 100 / (headMass + meanOf(x)) ** 2;
const moments = (headMass: number, change: Partial<Moments> = {}): Moments => ({
  ...momentsOfWeights(x, headMass, 2),
  tailLogSpread: 0.5,
  ...change,
});

describe("the standard error", () => {
  test.each([0, 7, 100])("is that of the draws and half of the model's variance, with a head of %d", (headMass) => {
    const { standardError, modelError, calibrated } = estimateOf(moments(headMass));
    expect(modelError).toBeCloseTo(Math.sqrt(expected(headMass)), 12);
    const variance = seen / (headMass + 2) ** 2 + expected(headMass) / 2;
    expect(standardError).toBeCloseTo(Math.sqrt(variance), 12);
    expect(calibrated).toBe(true);
  });

  test("takes a quarter of the model's variance where the best classes by fine codes are in the head", () => {
    const { standardError } = estimateOf(moments(7, { isExtended: true }));
    expect(standardError).toBeCloseTo(Math.sqrt(seen / 81 + expected(7) / 4), 12);
  });

  test("grows with the spread, which multiplies the logarithm of the second moment", () => {
    const wider = estimateOf(moments(7), { spread: 3 });
    const model = (4 * (Math.exp(1.5) - 1)) / 100 / 81;
    expect(wider.modelError).toBeCloseTo(Math.sqrt(model), 12);
    expect(wider.standardError).toBeCloseTo(Math.sqrt(seen / 81 + model / 2), 12);
  });

  test("includes rounding, and the factor multiplies all of it but not the model's error", () => {
    const plain = estimateOf(moments(7));
    const rounded = estimateOf(moments(7, { rounding: 0.3 }));
    expect(rounded.standardError).toBeCloseTo(Math.hypot(plain.standardError, 0.3), 12);
    const wider = estimateOf(moments(7, { rounding: 0.3 }), { factor: 1.5 });
    expect(wider.standardError).toBeCloseTo(1.5 * rounded.standardError, 12);
    expect(wider.modelError).toBe(plain.modelError);
  });

  test("is at least 0.0005 after the factor, and 0 only where nothing was sampled and rounding leaves less", () => {
    expect(estimateOf(moments(1e9), { factor: 1.5 }).standardError).toBe(0.0005);
    const all = { tailCount: 0, drawCount: 0 };
    expect(estimateOf(moments(1, { ...all, rounding: 0.0005 }))).toMatchObject({ standardError: 0, calibrated: true });
    expect(estimateOf(moments(1, { ...all, rounding: 0.0006 })).standardError).toBe(0.0006);
  });

  test("is Infinity beyond the largest model error that was verified, and with fewer than two draws", () => {
    const limit = estimateOf(moments(7)).modelError;
    expect(estimateOf(moments(7), { limit })).toMatchObject({ calibrated: true, lowEss: false });
    expect(estimateOf(moments(7), { limit: limit * (1 - 1e-12) })).toMatchObject({
      ...{ standardError: Number.POSITIVE_INFINITY, modelError: limit, calibrated: false, lowEss: true },
    });
    expect(estimateOf(moments(7, { drawCount: 1 })).standardError).toBe(Number.POSITIVE_INFINITY);
    expect(estimateOf(moments(7, { drawCount: 0 })).standardError).toBe(Number.POSITIVE_INFINITY);
  });

  test("is Infinity beyond the largest spread at which answers have a bar, whatever the model's error", () => {
    const small = moments(1e6);
    const { modelError } = estimateOf(small);
    expect(estimateOf(small, { spreadLimit: 0.5 })).toMatchObject({ calibrated: true, lowEss: false });
    expect(estimateOf(small, { spreadLimit: 0.4999 })).toMatchObject({
      ...{ standardError: Number.POSITIVE_INFINITY, modelError, calibrated: false, lowEss: true },
    });
  });

  test("is not called calibrated in a file that is not", () => {
    expect(estimateOf(moments(7), { isCalibrated: false }).calibrated).toBe(false);
  });

  test("is Infinity, with the model's, where the second moment exceeds the range of f64", () => {
    const { standardError, modelError } = estimateOf(moments(7, { tailLogSpread: 800 }));
    expect([standardError, modelError]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  test("takes no variance from rounding", () => {
    const even = { ...momentsOfWeights(new Array<number>(100).fill(1), 0), tailSquareMean: 1 - 1e-16 };
    expect(estimateOf(even)).toMatchObject({ standardError: 0.0005, modelError: 0, lowEss: false });
  });
});

test("lowEss is true above a standard error of a tenth", () => {
  const errorOf = (headMass: number) => estimateOf(moments(headMass)).standardError;
  const at = 2 * errorOf(0) * 10 - 2; // the head beside which the bar is a tenth
  expect(errorOf(at)).toBeCloseTo(0.1, 12);
  expect(estimateOf(moments(at - 1e-6)).lowEss).toBe(true);
  expect(estimateOf(moments(at + 1e-6)).lowEss).toBe(false);
});

describe("the effective sample size", () => {
  const sizeOf = (m: Partial<Moments>): number =>
    estimateOf({ ...momentsOfWeights([1, 1, 1, 1], 1), ...m }).effectiveSampleSize;

  test("is finite if the tail vanishes beside the head, or the head beside the tail", () => {
    expect(sizeOf({ tailMass: 0, tailMean: 0, tailSquareMean: 0 })).toBe(4);
    expect(sizeOf({ tailMass: 0 })).toBe(0); // never proposed, yet not nothing
    expect(sizeOf({ headMass: 0, tailMass: Number.POSITIVE_INFINITY })).toBe(4);
    expect(sizeOf({ tailMass: Number.POSITIVE_INFINITY })).toBe(0);
  });
});
