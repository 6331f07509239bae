import type { CompactionFacts, MeasureOrigin } from "../format/compaction.ts";
import type { Manifest } from "./manifest.ts";

/** The origins of all measurements of merged answers. */
export interface MeasureOrigins extends Omit<CompactionFacts, "sequence"> {
  readonly statistics: MeasureOrigin;
}

/** Returns the origins of the measurements of a manifest's merged answers. */
export function measureOrigins({
  recallCurves,
  calibration,
  statistics,
  log,
}: Pick<Manifest, "recallCurves" | "calibration" | "statistics" | "log">): MeasureOrigins {
  const origin = (measured: object | null | undefined, isCarried: true | undefined): MeasureOrigin => {
    if (!measured) return "none";
    return isCarried ? "carried" : "measured";
  };
  return {
    calibration: origin(calibration, log?.carried),
    curves: origin(recallCurves, log?.carried),
    statistics: origin(statistics, statistics?.carried),
  };
}
