import { expect, it } from "vitest";
import {
  CALIBRATION_VALUES,
  type CalibrationValues,
  calibrationFromValues,
  calibrationToValues,
  firstWrongCalibrationValue,
  UNMEASURED,
} from "../../src/format/calibration-values.ts";

const MEASURED: CalibrationValues = {
  ...{ factor: 0.75, limit: 12.5, coverage: 0.9609375, flagged: 0.125, answers: 6000, largestMiss: 3.25 },
  ...{ spread: 2.5, spreadLimit: 0.5 },
};

it("reads the values that it wrote", () => {
  for (const calibration of [MEASURED, { ...MEASURED, spread: 1 }, { ...MEASURED, spreadLimit: 2 ** 40 }, UNMEASURED]) {
    const values = calibrationToValues(calibration);
    expect(values).toHaveLength(CALIBRATION_VALUES);
    expect(calibrationFromValues(values)).toEqual(calibration);
    expect(firstWrongCalibrationValue(values)).toBe(-1);
  }
});

it("writes an infinite miss as the largest number, because values of a file are finite", () => {
  const values = calibrationToValues({ ...MEASURED, largestMiss: Number.POSITIVE_INFINITY });
  expect(values.every(Number.isFinite)).toBe(true);
  expect(firstWrongCalibrationValue(values)).toBe(-1);
});

it.each([
  [0, 0.49],
  [0, 1.51],
  [0, Number.NaN],
  [1, 0],
  [1, Number.POSITIVE_INFINITY],
  [2, 1.01],
  [2, -0],
  [3, -0.1],
  [4, 0.5],
  [4, 2 ** 25],
  [5, -1],
  [5, Number.POSITIVE_INFINITY],
  [6, 1e-30],
  [6, 1],
  [6, 4.01],
  [7, -0.5],
  [7, 2 ** 40],
  [8, 1],
  [15, -0],
])("refuses value %i as %d", (at, value) => {
  const values = calibrationToValues(MEASURED);
  values[at] = value;
  expect(firstWrongCalibrationValue(values)).toBe(at);
});
