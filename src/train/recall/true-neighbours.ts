import { type RowTable, unitTable } from "../rows/row-table.ts";
import { unitRows } from "../rows/unit-rows.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { WorkerPool } from "../runtime/worker-pool.ts";
import { bestRows, type QueryTools, type RecallQueries } from "../stand-ins/best-rows.ts";

/** The rows that are searched for neighbours. */
export interface RankedRows {
  readonly table: RowTable;
  readonly metric: "dot" | "cosine";
  readonly bias: ArrayLike<number> | undefined;
}

/**
 * Finds the `count` best rows for each query, best first, ties by lower id. A query that is a row is not its own neighbour.
 */
export async function trueNeighbours(
  pool: WorkerPool<QueryTools>,
  { table, metric, bias }: RankedRows,
  { queries, rows }: RecallQueries,
  count: number,
  yieldIfDue: YieldIfDue,
): Promise<Int32Array[]> {
  // A bias is added to the product of unit vectors, so both have to be scaled.
  const isCosine = metric === "cosine";
  const searched = isCosine ? unitTable(table) : table;
  const vectors = isCosine ? unitRows(queries, table.dim, new Float32Array(queries.length)) : queries;
  const best = await bestRows(pool, { table: searched, bias }, { queries: vectors, rows }, count, yieldIfDue);
  return best.map(({ ids }) => Int32Array.from(ids));
}
