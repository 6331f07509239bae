import type { IndexSource } from "../../bytes/byte-source.ts";
import type { CalibrationValues } from "../../format/calibration-values.ts";
import { unitRows } from "../../format/unit-rows.ts";
import { startYielding } from "../runtime/event-loop.ts";
import type { WorkerPool } from "../runtime/worker-pool.ts";
import type { QueryTools } from "../stand-ins/best-rows.ts";
import { measureAnswers } from "./calibration-measurement.ts";
import { fitCalibration } from "./fit-calibration.ts";
import type { Grid } from "./grid.ts";
import type { DefaultAnswer } from "./query-statistics.ts";

/** The queries to calibrate an index with. */
export interface CalibrationQueries {
  /** f32 (n, D). */
  readonly queries: Float32Array;
  readonly dim: number;
  readonly metric: "dot" | "cosine";
  /** The queries are those of users, not stand-ins. */
  readonly isReal: boolean;
}

/** The results of a calibration. */
export interface MeasuredCalibration {
  readonly values: CalibrationValues;
  /** The default answers of predict to the queries. */
  readonly defaults: readonly DefaultAnswer[];
}

/** The hooks of a calibration. */
export interface CalibrationProgress {
  /** Called with the number of queries that are measured. */
  readonly report?: (progress: { readonly phase: "calibrate"; readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

/**
 * Calibrates the error bars of an index, in a file that has no calibration or an unmeasured one. No times enter, so the
 * result depends on the file and the queries alone.
 */
export async function calibrate(
  pool: WorkerPool<QueryTools>,
  file: IndexSource,
  { queries: given, dim, metric, isReal }: CalibrationQueries,
  grid: Grid,
  { report, signal }: CalibrationProgress = {},
): Promise<MeasuredCalibration> {
  // Draws depend on the bits of a query, and its length must not matter for cosines.
  const queries = metric === "cosine" ? unitRows(given, dim, new Float32Array(given.length)) : given;
  const total = queries.length / dim;
  const yieldIfDue = startYielding(signal);
  const measured = await measureAnswers(pool, { file, queries, grid }, total, (done) => {
    report?.({ phase: "calibrate", done, total });
    return yieldIfDue();
  });
  const values = fitCalibration(measured, { isReal, queryCount: total });
  return { values, defaults: measured.defaults };
}
