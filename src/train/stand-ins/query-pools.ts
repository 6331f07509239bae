import type { Modules } from "../../memory/kernels.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { singleThread, type TrainTools, type WorkerPool } from "../runtime/worker-pool.ts";

/** Tools of the tasks that ask an index. */
export interface QueryTools {
  readonly modules: Modules;
}

/** A pool that searches rows, given chunk by chunk. */
export type RowPool = WorkerPool<TrainTools>;
/** A pool whose threads hold the whole index to ask it. */
export type IndexPool = WorkerPool<QueryTools>;

/** The pools that measure a new index with queries: one searches its rows and makes stand-ins of them, one asks the index. */
export interface QueryPools {
  readonly rows: RowPool;
  readonly index: IndexPool;
}

/** Makes pools that consist of this thread. No other call uses the instance of the train kernels meanwhile. */
export const onThisThread = (modules: Modules, train: TrainKernels): QueryPools => ({
  rows: singleThread({ train }),
  index: singleThread({ modules }),
});
