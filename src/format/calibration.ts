import { CALIBRATION_VALUES } from "./calibration-values.ts";
import { MAX_ITEMS } from "./limits.ts";
import { integer, matching, oneOf } from "./metadata.ts";
import { type VersionedSection, versionedSection } from "./section.ts";
import type { NamedSpec } from "./tensor-spec.ts";

/** Facts about the calibration of the error bars. */
export interface CalibrationFacts {
  /** The name of the estimator of the error bars that was calibrated, such as "dispersion-5". */
  readonly estimator: string;
  /**
   * The queries of the calibration: "queries" that were given, "stand-ins" that the build made, or "audits" of a service.
   */
  readonly source: "queries" | "stand-ins" | "audits";
  /** The number of these queries. */
  readonly queryCount: number;
}

/** The section holds the factor of error bars, so a reader that does not know it refuses the file. */
export const CALIBRATION: VersionedSection<CalibrationFacts> = versionedSection(
  1,
  "refuse",
  {
    estimator: matching(/^[a-z][a-z0-9-]{0,63}$/),
    source: oneOf("queries", "stand-ins", "audits"),
    queryCount: integer(1, MAX_ITEMS),
  },
  (): NamedSpec[] => [{ name: "calibration.values", dtype: "F32", shape: [CALIBRATION_VALUES] }],
);
