import { unitRows } from "../../format/unit-rows.ts";
import { type RowTable, unitTable } from "../rows/row-table.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import { bestRows } from "../stand-ins/best-rows.ts";
import type { RowPool } from "../stand-ins/query-pools.ts";

/** The rows that are searched for neighbours. */
export interface RankedRows {
  readonly table: RowTable;
  readonly metric: "dot" | "cosine";
  readonly bias: ArrayLike<number> | undefined;
}

/** Finds the `count` best rows for each query, f32 (n, D), best first, ties by lower id. */
export async function trueNeighbours(
  pool: RowPool,
  { table, metric, bias }: RankedRows,
  queries: Float32Array,
  count: number,
  yieldIfDue: YieldIfDue,
): Promise<Int32Array[]> {
  // A bias is added to the product of unit vectors, so both have to be scaled.
  const isCosine = metric === "cosine";
  const searched = isCosine ? unitTable(table) : table;
  const vectors = isCosine ? unitRows(queries, table.dim, new Float32Array(queries.length)) : queries;
  const best = await bestRows(pool, { table: searched, bias }, vectors, count, yieldIfDue);
  return best.map(({ ids }) => Int32Array.from(ids));
}

/** Returns the share of all `wanted` ids that the list at the same place in `found` has. 1 if nothing is wanted. */
export function shareFound(wanted: readonly Int32Array[], found: readonly Int32Array[]): number {
  let [hits, all] = [0, 0];
  for (const [i, ids] of wanted.entries()) {
    const known = new Set(found[i]);
    hits += ids.filter((id) => known.has(id)).length;
    all += ids.length;
  }
  return all > 0 ? hits / all : 1;
}
