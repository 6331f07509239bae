import type { BarCalibration } from "../../format/calibration-values.ts";
import { unitRows } from "../../format/unit-rows.ts";
import type { MergedQueries } from "../recall/merged-recall.ts";
import { evenly } from "./calibrate-build.ts";
import { atTemperatures, type CalibrationEffort, gridOf, gridOfGiven } from "./grid.ts";
import { type CalibratedPart, calibrateMerged, type MeasuredParts } from "./merged-calibration.ts";

/** The settings of a calibration of merged answers. */
export interface PartsCalibration {
  readonly effort: Exclude<CalibrationEffort, "off">;
  readonly metric: "dot" | "cosine";
  /** The queries are those of users, not stand-ins. */
  readonly isReal: boolean;
  /** The calibration before this one, whose bars few queries make no narrower. Default: none. */
  readonly earlier?: BarCalibration | undefined;
}

/** Calibrates merged answers with as many of the queries as a build takes, and measures their statistics. */
export async function calibrateParts(
  parts: readonly CalibratedPart[],
  asked: MergedQueries,
  { effort, metric, isReal, earlier }: PartsCalibration,
): Promise<MeasuredParts> {
  const { dim } = asked;
  const itemCount = parts.reduce((sum, { classes }) => sum + classes, 0);
  const grid = gridOf(effort, itemCount);
  const most = Math.min(asked.queries.length / dim, isReal ? grid.queryCount : grid.standIns);
  const queries = isReal ? evenly(asked.queries, dim, most) : asked.queries.slice(0, most * dim);
  if (metric === "dot") return calibrateMerged(parts, { ...asked, queries, isReal, earlier, grid });
  // The length of a stand-in for a query of "cosine" says at which temperature its softmax is like a real one.
  const scaled = isReal
    ? gridOfGiven(grid, { metric, itemCount })
    : atTemperatures(grid, 1 / Math.sqrt(meanSquareNorm(queries, dim)));
  const unit = unitRows(queries, dim, new Float32Array(queries.length));
  return calibrateMerged(parts, { ...asked, isReal, earlier, grid: scaled, queries: unit });
}

const meanSquareNorm = (queries: Float32Array, dim: number): number =>
  (queries.reduce((sum, value) => sum + value * value, 0) * dim) / queries.length;
