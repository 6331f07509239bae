import { checkSeed } from "../../checks/check.ts";
import type { CalibrationOptions } from "../calibration/add-calibration.ts";
import type { Effort } from "../calibration/grid.ts";
import type { Matrix } from "../rows/matrix.ts";
import type { BuildOptions } from "./build-options.ts";
import { measuredQueries } from "./measured-queries.ts";

/** How much a build calibrates unless it is told. */
export const DEFAULT_EFFORT: Effort = "quick";

/** Returns what a calibration needs of the options of a build. */
export function calibrationOptions(shape: Matrix["shape"], options: BuildOptions): CalibrationOptions {
  const { calibrate: effort = DEFAULT_EFFORT, bias, counts, seed = 0, onProgress, signal } = options;
  return {
    ...{ effort, ...measuredQueries(shape, options), seed: checkSeed(seed) },
    ...(bias && { bias }),
    ...(counts && { counts }),
    ...(onProgress && { report: onProgress }),
    ...(signal && { signal }),
  };
}
