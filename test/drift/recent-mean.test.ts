import { expect, test } from "vitest";
import { Drift } from "../../worker/telemetry/drift.ts";
import { normalsFrom } from "../train/calibration/synthetic.ts";

const QUERIES = 100_000;

test("a step shows 63 % of itself after a thousand answers, and 95 % after three thousand", () => {
  const drift = new Drift(QUERIES, 0, 1);
  for (let i = 0; i < 5000; i++) drift.observe(0);
  for (let i = 0; i < 1000; i++) drift.observe(1);
  expect(drift.value).toBeCloseTo(1 - 1 / Math.E, 3);
  for (let i = 0; i < 2000; i++) drift.observe(1);
  expect(drift.value).toBeCloseTo(1 - 1 / Math.E ** 3, 3);
});

test.each([300, 1000, 1500, 6000])("the error is the deviation of the drift of noise after %i answers", (answers) => {
  const normal = normalsFrom(answers);
  const drifts = Array.from({ length: 300 }, () => {
    const drift = new Drift(QUERIES, 0, 1);
    for (let i = 0; i < answers; i++) drift.observe(normal());
    return drift;
  });
  const variance = drifts.reduce((sum, { value = 0 }) => sum + value ** 2, 0) / drifts.length;
  const error = drifts[0]?.error ?? 0;
  expect(Math.sqrt(variance) / error).toBeGreaterThan(0.85);
  expect(Math.sqrt(variance) / error).toBeLessThan(1.15);
});
