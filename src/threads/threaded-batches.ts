import { blockBytes, instantiateBatch } from "../batch/block-instance.ts";
import type { IndexFacts } from "../format/facts.ts";
import type { BatchReader } from "../memory/batch-reader.ts";
import type { Modules } from "../memory/kernels.ts";
import type { Batches, OpenedIndex } from "../memory/opened-index.ts";
import { placeThreads } from "./thread-memory.ts";
import { ThreadPool } from "./thread-pool.ts";
import { ThreadedReader } from "./threaded-reader.ts";

/**
 * The least bytes of rows that are read together. One thread reads them in about as much time as it takes to wake another
 * one on a busy machine.
 */
const LEAST_BYTES = 2 ** 20;

/** Modules that import `memory`. */
export interface SharedKernels {
  readonly modules: Modules;
  readonly memory: WebAssembly.Memory;
}

/** The parts that let an index answer with threads. */
export class ThreadedBatches implements Batches {
  readonly memory: WebAssembly.Memory;
  private readonly modules: Modules & { readonly batch: WebAssembly.Module };
  private readonly count: number;
  private readonly leastBytes: number;
  private readonly patience: number | undefined;
  private pool: ThreadPool | undefined;

  constructor(
    { modules, memory }: SharedKernels,
    count: number,
    { leastBytes = LEAST_BYTES, patience }: { readonly leastBytes?: number; readonly patience?: number } = {},
  ) {
    this.memory = memory;
    this.modules = modules as typeof this.modules; // the library's own have all
    this.count = count;
    this.leastBytes = leastBytes;
    this.patience = patience;
  }

  bytes(facts: IndexFacts, added: number): number {
    return placeThreads(0, this.count, facts.itemCount + added).end + blockBytes(facts);
  }

  over(opened: OpenedIndex): BatchReader {
    const { memory, modules, count, leastBytes } = this;
    const { header, plan } = opened;
    const { layout, regions, itemCount, capacity } = plan;
    const first = plan.totalBytes - this.bytes(header.facts, capacity - itemCount);
    const { memory: places } = placeThreads(first, count, capacity);
    const block = instantiateBatch(modules.batch, opened).address; // its fields are in place before threads read them
    const start = { memory, modules, places, block, plan: { layout, regions } };
    this.pool = new ThreadPool(start, this.patience);
    return new ThreadedReader(modules.batch, opened, { pool: this.pool, places, leastBytes });
  }

  /** Starts the threads of the index that was opened. */
  async begin(): Promise<void> {
    await this.pool?.begin();
  }
}
