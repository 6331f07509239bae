import type { IndexSource } from "../../bytes/byte-source.ts";
import type { CalibrationFacts } from "../../format/calibration.ts";
import { ESTIMATOR } from "../../format/calibration-values.ts";
import type { IndexFacts } from "../../format/facts.ts";
import type { Modules } from "../../memory/kernels.ts";
import { rootMeanSquareNorm } from "../rows/matrix.ts";
import type { RowTable } from "../rows/row-table.ts";
import { startYielding, type YieldIfDue } from "../runtime/event-loop.ts";
import { heldOutRows } from "../stand-ins/held-out-rows.ts";
import type { QueryPools } from "../stand-ins/query-pools.ts";
import type { SequenceSampling } from "../stand-ins/sampled-sequences.ts";
import { discriminantQueries, standInQueries } from "../stand-ins/stand-in-queries.ts";
import { type AskedBeside, type CalibrationProgress, calibrate, type MeasuredCalibration } from "./calibration.ts";
import { QUERIES_FOR_SPREAD } from "./fit-spread.ts";
import { atTemperatures, type CalibrationEffort, type Grid, gridOf, gridOfGiven } from "./grid.ts";

/** The input of a build's calibration. */
export interface BuildCalibration {
  readonly effort: CalibrationEffort;
  /** f32 (n, D): queries of users that no codebook was fitted to. Default: stand-ins. */
  readonly queries?: Float32Array;
  /** Makes the stand-ins of an index with an encoder: queries of sequences that its model draws. */
  readonly drawQueries?: DrawQueries;
}

/** Makes queries, f32 (count, D), of an index file. */
export type DrawQueries = (
  modules: Modules,
  file: IndexSource,
  sampling: SequenceSampling,
  yieldIfDue: YieldIfDue,
) => Promise<Float32Array>;

/**
 * Returns the facts about a calibration that are known before it measures. Undefined if the build makes none. `drawsSequences`
 * says that stand-ins are sequences of the index's encoder.
 */
export function calibrationFacts(
  { itemCount, dim }: Pick<IndexFacts, "itemCount" | "dim">,
  { effort, queries }: Pick<BuildCalibration, "effort" | "queries">,
  drawsSequences: boolean,
): CalibrationFacts | undefined {
  if (effort === "off" || itemCount === 0) return undefined;
  const { queryCount, standIns, sequences } = gridOf(effort, itemCount);
  const given = Math.min((queries?.length ?? 0) / dim, queryCount);
  if (given > 0) return { estimator: ESTIMATOR, source: "queries", queryCount: given };
  return { estimator: ESTIMATOR, source: "stand-ins", queryCount: drawsSequences ? sequences : standIns };
}

/** An index that has room for a calibration, and the input that it was built from. */
export interface CalibratedBuild {
  readonly file: IndexSource;
  readonly facts: IndexFacts;
  readonly table: RowTable;
  readonly bias: ArrayLike<number> | undefined;
  readonly seed: bigint;
}

/**
 * Calibrates an index as its facts say: with given queries, with sequences that its encoder's model draws, or with stand-ins made
 * of its rows.
 */
export async function calibrateBuild(
  modules: Modules,
  build: CalibratedBuild,
  { effort, queries, drawQueries }: BuildCalibration,
  pools: QueryPools,
  progress: CalibrationProgress,
): Promise<MeasuredCalibration> {
  const { file, facts, table, bias, seed } = build;
  const { source, queryCount } = facts.calibration as CalibrationFacts;
  const grid = gridOf(effort as Exclude<CalibrationEffort, "off">, facts.itemCount);
  const { dim, metric } = facts;
  const real =
    source === "queries" && queries
      ? evenly(queries, dim, queryCount)
      : await drawQueries?.(modules, file, { count: queryCount, seed }, startYielding(progress.signal));
  const tools = { modules, pool: pools.rows };
  const classes = { table, metric, bias };
  // With "cosine", the length of a stand-in says at which temperature its softmax is like that of a real query.
  const gridFor = (made: Float32Array): Grid =>
    metric === "cosine" ? atTemperatures(grid, 1 / (rootMeanSquareNorm(made, dim) as number)) : grid;
  const askBeside = async (): Promise<AskedBeside> => {
    const sampling = { count: grid.discriminants, seed };
    const queries = await discriminantQueries(tools, classes, sampling, startYielding(progress.signal));
    const heldOut = await heldOutRows(table, grid.heldOutRows);
    return { heldOut, discriminants: { queries, grid: gridFor(queries) } };
  };
  if (real) {
    const beside = queryCount < QUERIES_FOR_SPREAD ? await askBeside() : undefined;
    const chosen = { queries: real, dim, metric, isReal: true, ...(beside && { beside }) };
    return calibrate(pools.index, file, chosen, gridOfGiven(grid, facts), progress);
  }
  const sampling = { count: queryCount, seed };
  const { queries: made } = await standInQueries(tools, classes, sampling, startYielding(progress.signal));
  const asked = { queries: made, dim, metric, isReal: false, beside: await askBeside() };
  return calibrate(pools.index, file, asked, gridFor(made), progress);
}

/** Returns `count` evenly spaced queries. */
export function evenly(queries: Float32Array, dim: number, count: number): Float32Array {
  const given = queries.length / dim;
  const chosen = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    const row = Math.floor((i * given) / count);
    chosen.set(queries.subarray(row * dim, (row + 1) * dim), i * dim);
  }
  return chosen;
}
