import * as structs from "../../build/structs.ts";
import { QUERY_BLOCK } from "../abi.ts";
import { BlockReader } from "../batch/block-reader.ts";
import { rowsAhead } from "../batch/scan-for-block.ts";
import { rowBytes } from "../format/tensors.ts";
import type { BatchReader, RowsAhead, RowsWanted, SevenBitPass, VisitScores } from "../memory/batch-reader.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { blocksOf, type Job, scanFor } from "./job.ts";
import { mergeBest } from "./merge-best.ts";
import { MOST_TOP, massesIn, type ThreadMemory } from "./thread-memory.ts";
import type { ThreadPool } from "./thread-pool.ts";

const NO_PASS: SevenBitPass = { ratio: 0, margin: 0, threshold: 0 };

/** Reads rows on several threads: for blocks of queries, and for single ones. */
export class ThreadedReader extends BlockReader {
  private readonly pool: ThreadPool;
  private readonly places: ThreadMemory;
  /** The bytes of rows, once for each query, that take longer to read on one thread than to wake the others for. */
  private readonly leastBytes: number;

  constructor(
    module: WebAssembly.Module,
    opened: OpenedIndex,
    threads: { readonly pool: ThreadPool; readonly places: ThreadMemory; readonly leastBytes: number },
  ) {
    super(module, opened);
    this.pool = threads.pool;
    this.places = threads.places;
    this.leastBytes = threads.leastBytes;
  }

  override take(
    k: number,
    masses: RowsWanted["masses"],
    logMasses?: Float64Array,
    wholeLogMasses?: Float64Array,
  ): ReturnType<BatchReader["take"]> {
    const taken = super.take(k, masses, logMasses, wholeLogMasses);
    if (taken || !this.isWorthwhile(1, k)) return taken;
    const { opened } = this;
    const job = this.jobOf({ kind: "single", k, masses });
    const scored = this.run(job);
    this.mergeSingle(k);
    const kept = massesIn(opened.kernels.memory, this.places, job);
    logMasses?.set(kept.logMasses[0] as Float64Array);
    if (masses === "remainders") wholeLogMasses?.set(kept.wholeLogMasses[0] as Float64Array);
    return { scored, blocks: blocksOf(job) };
  }

  takeReaching(k: number, pass: SevenBitPass): number {
    if (!this.isWorthwhile(1, k)) return 0;
    const job = this.jobOf({ kind: "seven bits", k, masses: "none" });
    this.run({ ...job, ...pass });
    this.mergeSingle(k);
    return blocksOf(job);
  }

  dispose(): void {
    this.pool.end();
  }

  protected override scan(count: number, wanted: RowsWanted, visits?: readonly VisitScores[]): RowsAhead[] {
    if (visits || !this.isWorthwhile(count, wanted.k)) return super.scan(count, wanted, visits);
    const { opened, places } = this;
    const job = this.jobOf({ kind: "block", ...wanted }, count);
    const scored = this.run(job);
    for (let slot = 0; slot < count; slot++) this.mergeSlot(slot, wanted.k);
    const { logMasses, wholeLogMasses } = massesIn(opened.kernels.memory, places, job);
    const copies = (arrays: readonly Float64Array[]): Float64Array[] => arrays.map((array) => array.slice());
    return rowsAhead(wanted, scored, { logMasses: copies(logMasses), wholeLogMasses: copies(wholeLogMasses) });
  }

  private isWorthwhile(queries: number, k: number): boolean {
    const { conditions, header } = this.opened;
    const bytes = queries * conditions.allowedCount * rowBytes(header.facts);
    return bytes >= this.leastBytes && k <= MOST_TOP && this.pool.canRun();
  }

  private jobOf(wanted: RowsWanted & Pick<Job, "kind">, queries = 1): Job {
    const { conditions, header } = this.opened;
    const { itemCount } = header.facts; // changes add rows
    const { inverseTemperature } = conditions;
    return {
      ...NO_PASS,
      kind: wanted.kind,
      k: wanted.k,
      masses: wanted.masses,
      queries,
      itemCount,
      inverseTemperature,
    };
  }

  private run(job: Job): number {
    const { opened, places } = this;
    const { memory } = opened.kernels;
    // A thread may sleep through a job, and then still has the classes that it collected for an earlier one.
    for (const { search, topCounts } of places.own) {
      new Float64Array(memory.buffer, search + structs.SEARCH_TOP_COUNT, 1).fill(0);
      new Int32Array(memory.buffer, topCounts, QUERY_BLOCK).fill(0);
    }
    const masses = massesIn(memory, places, job);
    return this.pool.run(
      job,
      blocksOf(job),
      scanFor(job, opened, () => this.instance, masses),
    );
  }

  /** Merges the best classes of the other threads into topIds and topScores. */
  private mergeSingle(k: number): void {
    const { opened, places } = this;
    const state = new Float64Array(opened.kernels.memory.buffer);
    for (const { search, topIds, topScores } of places.own) {
      mergeBest(opened, { topIds, topScores, count: state[(search + structs.SEARCH_TOP_COUNT) / 8] as number }, k);
    }
  }

  /** Merges the same for a query of a block. */
  private mergeSlot(slot: number, k: number): void {
    if (k === 0) return;
    const { opened, places, instance } = this;
    const { topIds, topScores } = opened.plan.regions;
    const integers = new Int32Array(opened.kernels.memory.buffer);
    const countAt = (address: number): number => address / 4 + slot;
    const first = slot * k;
    write(opened, structs.SEARCH_TOP_COUNT, 0);
    for (const own of [instance.regions, ...places.own]) {
      const count = integers[countAt(own.topCounts)] as number;
      mergeBest(opened, { topIds: own.topIds + 4 * first, topScores: own.topScores + 4 * first, count }, k);
    }
    const count = read(opened, structs.SEARCH_TOP_COUNT);
    integers[countAt(instance.regions.topCounts)] = count;
    integers.copyWithin(instance.regions.topIds / 4 + first, topIds / 4, topIds / 4 + count);
    integers.copyWithin(instance.regions.topScores / 4 + first, topScores / 4, topScores / 4 + count);
  }
}
