import type { EmbeddingInput } from "../inputs/input.ts";
import { openInput } from "../inputs/open.ts";

/** Queries to measure an index with: f32 (queryCount, dim). */
export interface HeldOut {
  readonly queries: Float32Array;
  /** Rows of the embeddings themselves stand in where there are no real queries. */
  readonly origin: "file" | "rows";
}

/** Full enumeration costs O(N·D) a query: at most 256 of them, fewer where N is large, but no fewer than 16. */
const MAX_QUERIES = 256;
const MIN_QUERIES = 16;
const MAX_SCORES = 50_000_000;

/** Queries from a file, or rows of `table`, f32 N × D. */
export async function readHeldOut(
  table: { readonly data: Float32Array; readonly shape: readonly [itemCount: number, dim: number] },
  path: string | undefined,
): Promise<HeldOut> {
  const [itemCount, dim] = table.shape;
  if (path !== undefined) return { queries: await readQueries(path, itemCount, dim), origin: "file" };
  const queries = new Float32Array(Math.min(queryCount(itemCount), itemCount) * dim);
  pickEvenly(table.data, 0, itemCount, queries, dim);
  return { queries, origin: "rows" };
}

/** As many evenly spaced queries of a file as an index of `itemCount` rows of `dim` values is measured with. */
export async function readQueries(path: string, itemCount: number, dim: number): Promise<Float32Array> {
  return (await readEvenly(path, queryCount(itemCount), dim, "the table of embeddings")).queries;
}

/** At most `limit` evenly spaced queries of a file, f32 (queryCount, dim), and how many it has. */
export async function readEvenly(
  path: string,
  limit: number,
  dim: number,
  dimOf = "the index",
): Promise<{ readonly queries: Float32Array; readonly available: number }> {
  const input = await openInput(path, { dim, dimOf, idField: false });
  try {
    return { queries: await evenRows(input, limit), available: input.itemCount };
  } finally {
    await input.close();
  }
}

/** The rows that `readHeldOut` takes of a table, of one that is not in memory. */
export const rowsAsQueries = (input: EmbeddingInput): Promise<Float32Array> =>
  evenRows(input, queryCount(input.itemCount));

/** At most `limit` evenly spaced rows. */
async function evenRows(input: EmbeddingInput, limit: number): Promise<Float32Array> {
  const { itemCount, dim } = input;
  const chosen = new Float32Array(Math.min(limit, itemCount) * dim);
  let first = 0;
  for await (const chunk of input.rows(CHUNK_ROWS)) {
    pickEvenly(chunk, first, itemCount, chosen, dim);
    first += chunk.length / dim;
  }
  return chosen;
}

/** Rows read at a time. */
const CHUNK_ROWS = 256;

/** How many queries an index of `itemCount` rows is measured with. */
export const queryCount = (itemCount: number): number =>
  Math.max(MIN_QUERIES, Math.min(MAX_QUERIES, Math.floor(MAX_SCORES / Math.max(1, itemCount))));

/**
 * Copies what `chunk`, rows from `first` on of `rowCount`, has of the evenly spaced rows that `chosen` is to hold, and says
 * which these are.
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
