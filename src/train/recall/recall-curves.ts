import type { IndexSource } from "../../bytes/byte-source.ts";
import type { Checksum } from "../../bytes/sealed-header.ts";
import { type IndexHeader, parse, serialiseIndexHeader, tensorChecksum } from "../../format/header.ts";
import { CURVE_KS, curvesToValues, type RecallCurve } from "../../format/recall-curve.ts";
import { checksumWith } from "../../memory/checksum.ts";
import { instantiateQuery, type Modules } from "../../memory/kernels.ts";
import type { Matrix } from "../rows/matrix.ts";
import { type RowTable, tableOf } from "../rows/row-table.ts";
import { startYielding } from "../runtime/event-loop.ts";
import { singleThread, type WorkerPool } from "../runtime/worker-pool.ts";
import type { QueryTools, RecallQueries } from "../stand-ins/best-rows.ts";
import { measureCurves } from "./recall-measurement.ts";
import { trueNeighbours } from "./true-neighbours.ts";

/** Number of evenly spaced rows that serve as queries if the caller passes none. A row is not its own neighbour. */
export const ROW_QUERIES = 256;

export interface RecallCurveOptions {
  /** f32 (n, D): queries that resemble those to come and are not rows of the table. */
  readonly queries?: Float32Array;
  readonly bias?: ArrayLike<number>;
  readonly signal?: AbortSignal;
}

/**
 * Measures the recall curves of topK and writes them into an index file with fine codes. A curve tells which share of the
 * true neighbours, by the vectors that the index was built from, topK finds for how much work. No times enter, so the
 * result depends on the arguments alone.
 */
export async function addRecallCurves(
  modules: Modules,
  file: Uint8Array<ArrayBuffer>,
  embeddings: Matrix,
  options: RecallCurveOptions,
  pool: WorkerPool<QueryTools> = singleThread({ modules }),
): Promise<Uint8Array<ArrayBuffer>> {
  const checksum = checksumWith(instantiateQuery(modules.query));
  const header = parse(file, file.byteLength, checksum);
  const table = tableOf(embeddings);
  const curves = await recallCurves(file, header.facts.metric, table, options, { neighbours: pool, recall: pool });
  for (const { position, bytes } of curvePatches(header, checksum, curves)) file.set(bytes, position);
  return file;
}

/** The pools that search. A thread needs a chunk of rows to find neighbours and the whole index to measure recall. */
export interface RecallPools {
  readonly neighbours: WorkerPool<QueryTools>;
  readonly recall: WorkerPool<QueryTools>;
}

/** Measures the recall curves of the index in `file`. */
export async function recallCurves(
  file: IndexSource,
  metric: "dot" | "cosine",
  table: RowTable,
  { queries, bias, signal }: RecallCurveOptions,
  pools: RecallPools,
): Promise<RecallCurve[]> {
  const recallQueries = queries ? { queries, rows: undefined } : await rowQueries(table);
  const most = CURVE_KS.at(-1) as number;
  const yieldIfDue = startYielding(signal);
  const truth = await trueNeighbours(pools.neighbours, { table, metric, bias }, recallQueries, most, yieldIfDue);
  return measureCurves(pools.recall, { ...recallQueries, file, truth, itemCount: table.itemCount }, yieldIfDue);
}

async function rowQueries(table: RowTable): Promise<RecallQueries> {
  const { itemCount, dim } = table;
  const count = Math.min(ROW_QUERIES, itemCount);
  const rows = Int32Array.from({ length: count }, (_, i) => Math.floor((i * itemCount) / count));
  const queries = new Float32Array(count * dim);
  let first = 0;
  let next = 0;
  for await (const chunk of table.chunks()) {
    const end = first + chunk.length / dim;
    for (let row = rows[next]; row !== undefined && row < end; row = rows[++next]) {
      queries.set(chunk.subarray((row - first) * dim, (row - first + 1) * dim), next * dim);
    }
    first = end;
  }
  return { queries, rows };
}

/** Returns the changes that writing the curves makes to an index file. */
export function curvePatches(
  { facts, tensors, checksums }: IndexHeader,
  checksum: Checksum,
  curves: readonly RecallCurve[],
): { readonly position: number; readonly bytes: Uint8Array }[] {
  const { begin } = tensors.recallCurves as { begin: number };
  const bytes = new Uint8Array(curvesToValues(curves).buffer);
  const changed = { ...checksums, recallCurves: tensorChecksum(checksum, "recallCurves", begin, bytes) };
  return [
    { position: begin, bytes },
    { position: 0, bytes: serialiseIndexHeader(facts, changed, checksum) },
  ];
}
