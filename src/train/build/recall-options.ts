import { checkSeed } from "../../checks/check.ts";
import type { RecallCurveOptions } from "../recall/recall-curves.ts";
import type { Matrix } from "../rows/matrix.ts";
import type { BuildOptions } from "./build-options.ts";
import { measuredQueries } from "./measured-queries.ts";

/** Returns the options of a build that recall curves need. */
export function recallOptions(shape: Matrix["shape"], options: BuildOptions): RecallCurveOptions {
  const { bias, seed = 0, signal } = options;
  return {
    ...measuredQueries(shape, options),
    seed: checkSeed(seed),
    ...(bias && { bias }),
    ...(signal && { signal }),
  };
}
