import {
  CALIBRATION_VALUES,
  type CalibrationValues,
  calibrationFromValues,
  isOwnEstimator,
} from "../format/calibration-values.ts";
import type { IndexHeader } from "../format/header.ts";
import type { MemoryPlan } from "./plan.ts";

/**
 * Reads the calibration of error bars in a validated file. Undefined if there is none, if it is for another rule of bars than
 * this version has, or if no answers are behind it.
 */
export function storedCalibration(
  { buffer }: WebAssembly.Memory,
  { facts, tensors }: IndexHeader,
  plan: MemoryPlan,
): CalibrationValues | undefined {
  const place = tensors["calibration.values"];
  if (place === undefined || !facts.dispersion || !isOwnEstimator(facts.calibration?.estimator)) return undefined;
  const values = calibrationFromValues(new Float32Array(buffer, plan.file + place.begin, CALIBRATION_VALUES));
  return values.answers > 0 ? values : undefined;
}
