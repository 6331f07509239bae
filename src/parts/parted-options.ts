import type { CalibrationFacts } from "../format/calibration.ts";
import type { BarCalibration } from "../format/calibration-values.ts";
import type { RecallCurve } from "../format/recall-curve.ts";

/** Options of a `PartedIndex`. */
export interface PartedOptions {
  /**
   * The recall of merged answers against the work of all parts together, as `midx build --parts` measures it into its manifest.
   * topK then takes `recall`. Default: none, and null is none.
   */
  readonly recallCurves?: readonly RecallCurve[] | null;
  /**
   * The calibration of merged answers, from the same manifest: error bars are multiplied by its factor and trusted up to its
   * limit. Ignored if it is for another estimator. Default: none, and null is none.
   */
  readonly calibration?: Pick<CalibrationFacts & BarCalibration, "estimator" | "factor" | "limit"> | null;
}
