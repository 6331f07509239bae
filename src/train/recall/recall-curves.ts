import type { IndexSource } from "../../bytes/byte-source.ts";
import type { Checksum } from "../../bytes/sealed-header.ts";
import type { IndexFacts } from "../../format/facts.ts";
import { type IndexHeader, parse, serialiseIndexHeader, tensorChecksum } from "../../format/header.ts";
import { curvesToValues, highestRecall, type RecallCurve } from "../../format/recall-curve.ts";
import { checksumWith } from "../../memory/checksum.ts";
import { instantiateQuery, type Modules } from "../../memory/kernels.ts";
import type { RowTable } from "../rows/row-table.ts";
import { startYielding } from "../runtime/event-loop.ts";
import type { QueryPools } from "../stand-ins/query-pools.ts";
import { askedQueries } from "./asked-queries.ts";
import { COMPARED_ROWS, measureRecalls } from "./recall-measurement.ts";
import { curvesOf, type RecallSource } from "./recall-points.ts";
import { shareFound, trueNeighbours } from "./true-neighbours.ts";

export interface RecallCurveOptions {
  /** f32 (n, D): queries that resemble those to come. Default: stand-ins for them. */
  readonly queries?: Float32Array;
  readonly bias?: ArrayLike<number>;
  /** The seed of the stand-ins. */
  readonly seed: bigint;
  readonly signal?: AbortSignal;
}

/** The queries that recall curves were measured with, and the recall of the stored rows. */
export interface RecallReport {
  /** `"queries"` that the build was given, or `"stand-ins"` that it made. */
  readonly source: RecallSource;
  /** The number of queries, or of stand-ins. */
  readonly queryCount: number;
  /** recall@10 of the stored rows against the original rows, both searched exactly. */
  readonly rowRecall: number;
  /** The largest recall@10 that the curves promise. For more, `topK` reads all rows. */
  readonly highestRecall: number;
}

/** Returns the kind of queries that recall curves will be measured on. */
export const recallSourceOf = (queries: Float32Array | undefined): RecallSource =>
  (queries?.length ?? 0) > 0 ? "queries" : "stand-ins";

/**
 * Measures the recall curves of topK and writes them into an index file that has room for them. A curve tells which share of
 * the best stored rows topK finds for how much work. No times enter, so the result depends on the arguments alone.
 *
 * @returns Undefined if the file has no room.
 */
export async function addRecallCurves(
  modules: Modules,
  file: Uint8Array<ArrayBuffer>,
  table: RowTable,
  options: RecallCurveOptions,
  pools: QueryPools,
): Promise<RecallReport | undefined> {
  const checksum = checksumWith(instantiateQuery(modules.query));
  const header = parse(file, file.byteLength, checksum);
  if (!hasRoom(header.facts)) return undefined;
  const build = { file, facts: header.facts, table };
  const { curves, report } = await recallOfBuild(modules, build, options, pools);
  for (const { position, bytes } of curvePatches(header, checksum, curves, report)) file.set(bytes, position);
  return report;
}

/** Returns true if the build has left room for recall curves and the facts about them. */
export const hasRoom = ({ hasFineCodes, report }: IndexFacts): boolean =>
  hasFineCodes && report?.rowRecall !== undefined && report.recallQueries !== "none";

/** An index, and the rows that it was built from. */
export interface MeasuredBuild {
  readonly file: IndexSource;
  readonly facts: IndexFacts;
  readonly table: RowTable;
}

/** Measures the recall curves of a new index, and the recall that its rows lost by being stored. */
export async function recallOfBuild(
  modules: Modules,
  { file, facts, table }: MeasuredBuild,
  { queries, bias, seed, signal }: RecallCurveOptions,
  pools: QueryPools,
): Promise<{ readonly curves: RecallCurve[]; readonly report: RecallReport }> {
  const { metric } = facts;
  const yieldIfDue = startYielding(signal);
  const rows = { table, metric, bias };
  const tools = { modules, pool: pools.rows };
  const asked = await askedQueries(tools, rows, { queries, seed }, yieldIfDue);
  const { tally, best } = await measureRecalls(pools.index, { file, asked }, facts, yieldIfDue);
  const original = await trueNeighbours(pools.rows, rows, asked.queries, COMPARED_ROWS, yieldIfDue);
  const source = recallSourceOf(queries);
  const curves = curvesOf(tally, source);
  const report = {
    source,
    queryCount: asked.queries.length / table.dim,
    rowRecall: shareFound(original, best),
    highestRecall: highestRecall(curves),
  };
  return { curves, report };
}

/** Returns the changes that writing the curves makes to an index file. */
export function curvePatches(
  { facts, tensors, checksums }: IndexHeader,
  checksum: Checksum,
  curves: readonly RecallCurve[],
  { rowRecall }: RecallReport,
): { readonly position: number; readonly bytes: Uint8Array }[] {
  const { begin } = tensors.recallCurves as { begin: number };
  const bytes = new Uint8Array(curvesToValues(curves).buffer);
  const changed = { ...checksums, recallCurves: tensorChecksum(checksum, "recallCurves", begin, bytes) };
  const reported: IndexFacts = { ...facts, ...(facts.report && { report: { ...facts.report, rowRecall } }) };
  return [
    { position: begin, bytes },
    { position: 0, bytes: serialiseIndexHeader(reported, changed, checksum) },
  ];
}
