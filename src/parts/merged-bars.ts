import { checkNumber, shown } from "../checks/check.ts";
import { type BarCalibration, isOwnEstimator, LARGEST_VALUE } from "../format/calibration-values.ts";
import { estimateOf } from "./merge-estimates.ts";
import type { PartialEstimate } from "./partial-answer.ts";

/** The figures by which a calibration of merged answers corrects their error bars. */
export interface Bars {
  /** Error bars are multiplied by it, beyond the factors of the parts. */
  readonly factor: number;
  /** The largest model error for which intervals are known to cover. */
  readonly limit: number;
  readonly isCalibrated: boolean;
}

/** Returns an estimate with the error bars of a calibration. One with nothing sampled, or without a bar, gets none. */
export function withBars(estimate: PartialEstimate, { factor, limit, isCalibrated }: Bars): PartialEstimate {
  const { terms, logPartition } = estimate;
  if (!terms.isSampled) return estimate;
  const hasBar = terms.variance < Number.POSITIVE_INFINITY;
  const barred = { ...terms, variance: factor * factor * terms.variance, limit, isCalibrated: isCalibrated && hasBar };
  return { ...estimate, ...estimateOf(barred), logPartition, terms: barred };
}

/** Checks a calibration of merged answers. Undefined if there is none, or one for error bars that are made in another way. */
export function copyBars(
  calibration: (Pick<BarCalibration, "factor" | "limit"> & { readonly estimator: string }) | null | undefined,
): Bars | undefined {
  if (calibration === null || calibration === undefined) return undefined;
  if (typeof calibration !== "object") {
    throw new TypeError(`"calibration" expected that of a manifest, got ${shown(calibration)}`);
  }
  const { estimator, factor, limit } = calibration;
  checkNumber("calibration.factor", factor, 0, LARGEST_VALUE);
  checkNumber("calibration.limit", limit, 0, LARGEST_VALUE);
  return isOwnEstimator(estimator) ? { factor, limit, isCalibrated: true } : undefined;
}
