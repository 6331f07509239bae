import type { CompactionFacts, MeasureOrigin } from "../format/compaction.ts";
import type { Manifest } from "./manifest.ts";

/** Returns the origins of the measurements of a manifest's merged answers. */
export function measureOrigins({ recallCurves, calibration, log }: Manifest): Omit<CompactionFacts, "sequence"> {
  const origin = (measured: object | null): MeasureOrigin => {
    if (!measured) return "none";
    return log?.carried ? "carried" : "measured";
  };
  return { calibration: origin(calibration), curves: origin(recallCurves) };
}
