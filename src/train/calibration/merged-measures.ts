import type { Manifest, MergedCalibration } from "../../publication/manifest.ts";
import { askedByStandIns, askedByUsers } from "../recall/asked-queries.ts";
import { type MergedQueries, measureMergedRecall } from "../recall/merged-recall.ts";
import { curvesOf } from "../recall/recall-points.ts";
import { calibrateParts } from "./calibrate-parts.ts";
import type { CalibrationEffort } from "./grid.ts";
import type { CalibratedPart } from "./merged-calibration.ts";

/** The recall curves, the calibration and the statistics of the merged answers of all parts, as a manifest has them. */
export type MergedMeasures = Pick<Manifest, "recallCurves" | "calibration" | "statistics">;

/** The settings of a measurement of merged answers. */
export interface MergedMeasurement {
  /** Recall is measured of parts with fine codes. */
  readonly hasFineCodes: boolean;
  readonly effort: CalibrationEffort;
  readonly metric: "dot" | "cosine";
  /** The calibration before this one, whose bars few queries make no narrower. Default: none. */
  readonly earlier?: MergedCalibration | undefined;
}

/** The queries of users, or stand-ins for them. */
export interface MeasuredQueries {
  /** f32 (n, dim). */
  readonly queries: Float32Array;
  /** The direction of the mean row, for stand-ins alone (src/train/stand-ins). */
  readonly mean?: Float32Array;
  /** f32 (n, D): rows of the table, for stand-ins alone. */
  readonly rows?: Float32Array;
}

/** Measures merged answers to queries. Parts are opened one after the other. */
export async function measureMerged(
  parts: readonly CalibratedPart[],
  asked: MergedQueries & MeasuredQueries,
  { hasFineCodes, effort, metric, earlier }: MergedMeasurement,
): Promise<MergedMeasures> {
  const { queries, mean, rows } = asked;
  const isReal = mean === undefined || rows === undefined;
  const searched = { ...asked, ...(isReal ? askedByUsers(queries) : askedByStandIns({ queries, mean, rows })) };
  const tally = hasFineCodes ? await measureMergedRecall(parts, searched) : undefined;
  const { calibration = null, statistics } =
    effort === "off" ? {} : await calibrateParts(parts, asked, { effort, metric, isReal, earlier });
  return {
    recallCurves: tally ? curvesOf(tally, isReal ? "queries" : "stand-ins") : null,
    calibration,
    ...(statistics && { statistics }),
  };
}
