import { MAGNITUDE_LIMIT } from "../../checks/check.ts";
import type { RowTable } from "../../train/rows/row-table.ts";
import { type ColumnsOfTable, checkColumnOrder } from "../inputs/column-order.ts";
import { fileTable } from "../inputs/file-table.ts";
import type { EmbeddingInput, InputOptions } from "../inputs/input.ts";
import { openInput } from "../inputs/open.ts";
import type { Sources } from "../inputs/source.ts";
import { shownPath } from "../remote/address.ts";

/** Queries to measure an index with: f32 (queryCount, dim). */
export interface HeldOut {
  readonly queries: Float32Array;
  /** "rows" if there is no file of queries, and rows of the embeddings take their place. */
  readonly origin: "file" | "rows";
}

/** Full enumeration costs O(N·D) per query, so there are at most 128 queries, and fewer for a large N, down to 16. */
const MAX_QUERIES = 128;
const MIN_QUERIES = 16;
const MAX_SCORES = 25_000_000;

/** Reads queries from a file, at least `least` if it has so many, or takes rows of `table`. */
export async function readHeldOut(
  table: RowTable,
  path: string | undefined,
  least: number,
  source: QuerySource = {},
): Promise<HeldOut> {
  const { itemCount, dim } = table;
  if (path !== undefined) {
    return { queries: await readQueries(path, { itemCount, dim, least, ...source }), origin: "file" };
  }
  return { queries: await evenRows(table, queryCount(itemCount)), origin: "rows" };
}

/**
 * Reads queries for a build of `itemCount` rows of `dim` values, evenly spaced in a file: as many as the index is measured
 * with, and at least `least`, if the file has so many.
 */
export async function readQueries(
  path: string,
  { itemCount, dim, least, ...source }: WantedQueries,
): Promise<Float32Array> {
  const limit = Math.max(queryCount(itemCount), least);
  return (await readEvenly(path, limit, dim, { dimOf: "the table of embeddings", ...source })).queries;
}

/** Checks that a file of queries has any, of `dim` values each, before hours of work for which they come last. */
export async function checkQueriesFile(path: string, dim: number, source: QuerySource): Promise<void> {
  await readEvenly(path, 0, dim, { dimOf: "the table of embeddings", ...source });
}

/** How a file of queries is opened, and the table of embeddings whose columns it may have. */
export interface QuerySource extends Pick<Sources, "openRemote"> {
  readonly columnsOf?: ColumnsOfTable | undefined;
}

/** The size of the index that queries are for, and the least number of queries that is wanted. */
interface WantedQueries extends QuerySource {
  readonly itemCount: number;
  readonly dim: number;
  readonly least: number;
}

/**
 * Returns the queries, f32 (n, dim), that an index of `itemCount` rows is measured with: at most `queryCount`, evenly spaced.
 */
export function measuredOf(queries: Float32Array, itemCount: number, dim: number): Float32Array {
  const count = queries.length / dim;
  if (count <= queryCount(itemCount)) return queries;
  const measured = new Float32Array(queryCount(itemCount) * dim);
  pickEvenly(queries, 0, count, measured, dim);
  return measured;
}

/**
 * Reads at most `limit` evenly spaced queries of a file, f32 (queryCount, dim). `available` counts all of its queries.
 *
 * @throws RangeError for a file of no queries: nothing may take their place without a word
 */
export async function readEvenly(
  path: string,
  limit: number,
  dim: number,
  { dimOf = "the index", openRemote, columnsOf }: Pick<InputOptions, "dimOf"> & QuerySource = {},
): Promise<{ readonly queries: Float32Array; readonly available: number }> {
  const input = await openInput(path, { dim, dimOf, openRemote, idField: false, limit: MAGNITUDE_LIMIT });
  try {
    if (columnsOf) checkColumnOrder({ path, inputColumns: input.inputColumns }, columnsOf);
    if (input.itemCount === 0) throw new RangeError(`${shownPath(path)}: expected at least one query, got none`);
    return { queries: await evenRows(fileTable(input, CHUNK_ROWS), limit), available: input.itemCount };
  } finally {
    await input.close();
  }
}

/** Reads the rows that `readHeldOut` would take, from a table that is not in memory. */
export const rowsAsQueries = (input: EmbeddingInput): Promise<Float32Array> =>
  evenRows(fileTable(input, CHUNK_ROWS), queryCount(input.itemCount));

/** Reads at most `limit` evenly spaced rows. */
async function evenRows(table: RowTable, limit: number): Promise<Float32Array> {
  const { itemCount, dim } = table;
  const chosen = new Float32Array(Math.min(limit, itemCount) * dim);
  let first = 0;
  for await (const chunk of table.chunks()) {
    pickEvenly(chunk, first, itemCount, chosen, dim);
    first += chunk.length / dim;
  }
  return chosen;
}

/** The number of rows of a file of queries that are read at a time. */
const CHUNK_ROWS = 256;

/** Returns the number of queries that an index of `itemCount` rows is measured with. */
export const queryCount = (itemCount: number): number =>
  Math.max(MIN_QUERIES, Math.min(MAX_QUERIES, Math.floor(MAX_SCORES / Math.max(1, itemCount))));

/**
 * Copies evenly spaced rows of a table of `rowCount` rows into `chosen`, as far as `chunk` holds them. The chunk begins at
 * row `first`. Returns the numbers of the rows that were copied.
 */
export function pickEvenly(
  chunk: Float32Array,
  first: number,
  rowCount: number,
  chosen: Float32Array,
  dim: number,
): Set<number> {
  const picked = new Set<number>();
  const count = chosen.length / dim;
  const end = first + chunk.length / dim;
  for (let i = 0; i < count; i++) {
    const row = Math.floor((i * rowCount) / count);
    if (row < first || row >= end) continue;
    chosen.set(chunk.subarray((row - first) * dim, (row - first + 1) * dim), i * dim);
    picked.add(row);
  }
  return picked;
}
