import { checkSeed } from "../../checks/check.ts";
import type { CalibrationOptions } from "../calibration/add-calibration.ts";
import type { DrawQueries } from "../calibration/calibrate-build.ts";
import type { CalibrationEffort } from "../calibration/grid.ts";
import type { Matrix } from "../rows/matrix.ts";
import type { BuildOptions } from "./build-options.ts";
import { measuredQueries } from "./measured-queries.ts";

/** The effort of a build's calibration by default. */
export const DEFAULT_EFFORT: CalibrationEffort = "quick";

/** Returns the options of a build that its calibration needs. `drawQueries` is for builds with an encoder. */
export function calibrationOptions(
  shape: Matrix["shape"],
  options: BuildOptions,
  drawQueries?: DrawQueries,
): CalibrationOptions {
  const { calibrate: effort = DEFAULT_EFFORT, bias, counts, seed = 0, onProgress, signal } = options;
  return {
    effort,
    ...measuredQueries(shape, options),
    seed: checkSeed(seed),
    ...(options.encoder && drawQueries && { drawQueries }),
    ...(bias && { bias }),
    ...(counts && { counts }),
    ...(onProgress && { report: onProgress }),
    ...(signal && { signal }),
  };
}
