import type { IndexSource } from "../../bytes/byte-source.ts";
import { type CalibrationValues, UNMEASURED } from "../../format/calibration-values.ts";
import { unitRows } from "../../format/unit-rows.ts";
import { startYielding } from "../runtime/event-loop.ts";
import type { WorkerPool } from "../runtime/worker-pool.ts";
import type { HeldOutRows } from "../stand-ins/held-out-rows.ts";
import type { QueryTools } from "../stand-ins/query-pools.ts";
import { type GridQueries, type Measured, measureAnswers } from "./calibration-measurement.ts";
import { defaultsWith } from "./default-tries.ts";
import { fitCalibration, QUERIES_FOR_NARROWER } from "./fit-calibration.ts";
import { fitSpread } from "./fit-spread.ts";
import { type AskedInCells, fitSpreadLimit, withSpreadLimit } from "./fit-spread-limit.ts";
import { cellsOf, type Grid, gridOfRows } from "./grid.ts";
import { type SpreadAnswers, withSpread } from "./measured-answers.ts";
import type { DefaultAnswer } from "./query-statistics.ts";

/** The queries to calibrate an index with. */
export interface CalibrationQueries {
  /** f32 (n, D). */
  readonly queries: Float32Array;
  readonly dim: number;
  readonly metric: "dot" | "cosine";
  /** The queries are those of users, or of sequences that the index's own model draws, not stand-ins made of rows. */
  readonly isReal: boolean;
  /** What is asked beside stand-ins and few queries. Default: nothing. */
  readonly beside?: AskedBeside;
  /** The calibration before this one, whose bars few queries make no narrower. Default: none. */
  readonly earlier?: CalibrationValues | undefined;
}

export interface AskedBeside {
  /** Rows that show a smallest spread. */
  readonly heldOut: HeldOutRows;
  /** Discriminants, which show whether answers to queries that tell single rows from others have bars that hold. */
  readonly discriminants: Pick<GridQueries, "queries" | "grid">;
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
  { queries: given, dim, metric, isReal, beside, earlier }: CalibrationQueries,
  grid: Grid,
  { report, signal }: CalibrationProgress = {},
): Promise<MeasuredCalibration> {
  // Draws depend on the bits of a query, and its length must not matter for cosines.
  const asAsked = (queries: Float32Array): Float32Array =>
    metric === "cosine" ? unitRows(queries, dim, new Float32Array(queries.length)) : queries;
  const queryCount = given.length / dim;
  const yieldIfDue = startYielding(signal);
  const asked: GridQueries[] = [{ queries: asAsked(given), grid, hasDefaults: true }];
  if (beside) {
    const { heldOut, discriminants } = beside;
    const rows = { queries: asAsked(heldOut.queries), leftOut: heldOut.ids, grid: gridOfRows(grid) };
    asked.push({ ...rows, hasDefaults: false });
    asked.push({ queries: asAsked(discriminants.queries), grid: discriminants.grid, hasDefaults: false });
  }
  const total = asked.reduce((sum, { queries }) => sum + queries.length, 0) / dim;
  const [measured, rows, discriminants] = (await measureAnswers(pool, { file, dim, asked }, (done) => {
    report?.({ phase: "calibrate", done, total });
    return yieldIfDue();
  })) as [Measured, Measured?, Measured?];
  const before = (queryCount < QUERIES_FOR_NARROWER && earlier) || UNMEASURED;
  const ofRows = rows ? fitSpread(rows, "rows") : UNMEASURED.spread;
  const ofQueries = isReal ? fitSpread(measured, "queries", before.spread) : before.spread;
  const spread = Math.max(ofRows, ofQueries);
  const widened = withSpread(measured, spread);
  const limitBy = (asked: AskedInCells["asked"], answers: SpreadAnswers): number =>
    fitSpreadLimit(answers, { asked, cells: cellsOf(grid), spread });
  const spreadLimit = Math.min(
    before.spreadLimit,
    limitBy(isReal ? "queries" : "stand-ins", widened),
    discriminants ? limitBy("discriminants", withSpread(discriminants, spread)) : UNMEASURED.spreadLimit,
  );
  const within = withSpreadLimit(widened, spreadLimit);
  const bars = fitCalibration(within, { isReal, queryCount, ...(earlier && { earlier }) });
  const values = bars.answers > 0 ? { ...bars, spread, spreadLimit } : UNMEASURED;
  return { values, defaults: defaultsWith(measured.defaults, values) };
}
