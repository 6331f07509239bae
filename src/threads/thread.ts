import * as structs from "../../build/structs.ts";
import type { RowsInMemory } from "../answers/row-blocks.ts";
import type { BatchKernels, BlockInstance } from "../batch/block-instance.ts";
import { instantiate, type Kernels, type Modules } from "../memory/kernels.ts";
import { Control } from "./control.ts";
import { blocksOf, type Job, readJob, scanFor } from "./job.ts";
import { massesIn, type ThreadMemory, type ThreadRegions } from "./thread-memory.ts";

/** The message that a thread starts with. */
export interface ThreadStart {
  /** From 1. */
  readonly number: number;
  readonly memory: WebAssembly.Memory;
  readonly modules: Modules & { readonly batch: WebAssembly.Module };
  /** The plan of the index, as the first thread has it. */
  readonly plan: RowsInMemory["plan"];
  /** The QueryBlock of the first thread. */
  readonly block: number;
  readonly places: ThreadMemory;
}

/** Does the jobs of an index until its threads have to end. An error ends this one, and is noted. */
export function serveThread(start: ThreadStart, onReady: () => void): void {
  const { memory, number, places } = start;
  const control = new Control(memory, places.shared.control);
  const thread = new Thread(start);
  onReady();
  try {
    control.serve(number, () => {
      try {
        const job = readJob(memory, places.shared.job);
        control.readBlocks(number, blocksOf(job), thread.scanFor(job));
      } catch (error) {
        control.fail(number, String(error)); // before the call learns that this thread has stopped
        throw error;
      }
    });
  } catch {} // it is noted
}

/** An instance of the kernels with fields and buffers of its own, in the memory of an index. */
class Thread {
  private readonly start: ThreadStart;
  private readonly own: ThreadRegions;
  private readonly kernels: Kernels;
  private readonly block: BlockInstance;

  constructor(start: ThreadStart) {
    const { memory, modules, places, number } = start;
    this.start = start;
    this.own = places.own[number - 1] as ThreadRegions;
    this.kernels = instantiate(modules, memory);
    const imports = { env: { memory }, query: { ...this.kernels } };
    const batch = new WebAssembly.Instance(modules.batch, imports).exports as unknown as BatchKernels;
    this.block = { batch, address: this.own.block, regions: this.writeBlock() };
  }

  /** Takes over the fields of the index and of the query in place. Returns a function that reads a block for the job. */
  scanFor(job: Job): (block: number) => number {
    const { plan, memory, places } = this.start;
    const { layout, search } = this.own;
    const bytes = new Uint8Array(memory.buffer);
    bytes.copyWithin(layout, plan.layout, plan.layout + structs.LAYOUT_BYTES);
    bytes.copyWithin(search, plan.regions.search, plan.regions.search + structs.SEARCH_BYTES);
    const regions = { ...plan.regions, ...this.ownRegions(job) };
    const fields = new DataView(memory.buffer, layout);
    for (const [name, address] of Object.entries(this.ownRegions(job))) {
      fields.setUint32(structs.LAYOUT_REGIONS[name as structs.LayoutRegion], address, true);
    }
    const state = new Float64Array(memory.buffer, search, structs.SEARCH_BYTES / 8);
    state[structs.SEARCH_TOP_COUNT / 8] = 0;
    const rows: RowsInMemory = {
      kernels: this.kernels,
      search: state,
      header: { facts: { itemCount: job.itemCount } },
      plan: { layout, regions },
      conditions: { changedCount: 0, inverseTemperature: job.inverseTemperature },
    };
    const masses = massesIn(memory, places, job);
    return scanFor(job, rows, () => this.block, masses);
  }

  /** Returns this thread's own regions of Layout. The first pass by seven bits reads its query where drawLogQ is. */
  private ownRegions({ kind }: Job): Partial<Record<structs.LayoutRegion, number>> {
    const { search, drawPositions, drawLogQ, scores, topIds, topScores } = this.own;
    const regions = { search, drawPositions, topIds, topScores, drawScores: scores };
    return kind === "seven bits" ? regions : { ...regions, drawLogQ };
  }

  /** Writes the fields of this thread's QueryBlock, which shares the queries of the first thread. */
  private writeBlock(): BlockInstance["regions"] {
    const { memory, block } = this.start;
    const first = new DataView(memory.buffer, block);
    const fields = new DataView(memory.buffer, this.own.block);
    fields.setUint32(structs.QUERYBLOCK_LAYOUT, this.own.layout, true);
    const regions = {} as Record<structs.QueryBlockRegion, number>;
    for (const name of Object.keys(structs.QUERYBLOCK_REGIONS) as structs.QueryBlockRegion[]) {
      const offset = structs.QUERYBLOCK_REGIONS[name];
      regions[name] = name in this.own ? this.own[name as keyof ThreadRegions] : first.getUint32(offset, true);
      fields.setUint32(offset, regions[name], true);
    }
    return regions;
  }
}
