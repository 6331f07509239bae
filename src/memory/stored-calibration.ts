import {
  CALIBRATION_VALUES,
  type CalibrationValues,
  calibrationFromValues,
  ESTIMATOR,
} from "../format/calibration-values.ts";
import type { IndexHeader } from "../format/header.ts";
import type { MemoryPlan } from "./plan.ts";

/**
 * Reads what a validated file says about error bars. Undefined if that is nothing: there is no calibration, it is for another
 * rule of bars than that of this version, or no answers are behind it.
 */
export function storedCalibration(
  { buffer }: WebAssembly.Memory,
  { facts, tensors }: IndexHeader,
  plan: MemoryPlan,
): CalibrationValues | undefined {
  const place = tensors["calibration.values"];
  if (place === undefined || !facts.dispersion || facts.calibration?.estimator !== ESTIMATOR) return undefined;
  const values = calibrationFromValues(new Float32Array(buffer, plan.file + place.begin, CALIBRATION_VALUES));
  return values.answers > 0 ? values : undefined;
}
