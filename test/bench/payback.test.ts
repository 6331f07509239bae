import { expect, test } from "vitest";
import { paybackSteps, upkeepOf } from "../../bench/upkeep/payback.ts";
import type { DriftedState, Upkeep } from "../../bench/upkeep/result.ts";

const upkeep = (name: string, effectiveSampleShare: number, seconds: number): Upkeep => ({
  ...{ name, effectiveSampleShare, seconds },
  kl: 0,
});
const state: DriftedState = {
  ...{ steps: 100, energyGrowth: 1, chiSquareGrowth: 1, stepMillis: 5 },
  upkeep: [upkeep("kept", 0.2, 0), upkeep("reassigned", 0.3, 0.2), upkeep("rebuilt", 0.4, 2)],
};
const payback = (done: string, other: string): number =>
  paybackSteps(state, upkeepOf(state, done), upkeepOf(state, other));

test("upkeep has paid off once steps with fewer draws have saved its time", () => {
  // The draws are worth half as much again, so a step's 5 ms are worth 7.5 ms of the kept index's.
  expect(payback("reassigned", "kept")).toBeCloseTo(200 / 2.5);
  expect(payback("rebuilt", "kept")).toBeCloseTo(2000 / 5);
  expect(payback("rebuilt", "reassigned")).toBeCloseTo(1800 / (5 / 3));
});

test("upkeep without better draws never pays off, and upkeep that takes no longer pays off at once", () => {
  expect(paybackSteps(state, upkeep("", 0.3, 1), upkeep("", 0.3, 0))).toBe(Number.POSITIVE_INFINITY);
  expect(payback("reassigned", "rebuilt")).toBe(0);
});

test("upkeep that was not measured is an error that names it", () => {
  expect(() => upkeepOf(state, "1 pass")).toThrow('"upkeep" expected one that is 1 pass');
});
