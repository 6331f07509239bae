import type { WorkerPool } from "../runtime/worker-pool.ts";
import type { QueryTools } from "./best-rows.ts";

/**
 * The pools that measure a new index with queries. A thread needs a chunk of rows to search them or to make stand-ins, and
 * the whole index to ask it.
 */
export interface QueryPools {
  readonly rows: WorkerPool<QueryTools>;
  readonly index: WorkerPool<QueryTools>;
}
