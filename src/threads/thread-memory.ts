import * as structs from "../../build/structs.ts";
import { BLOCK_TOP, QUERY_BLOCK, SLACK } from "../abi.ts";
import { BLOCK_ROWS } from "../answers/row-blocks.ts";
import type { BlockMasses } from "../batch/scan-for-block.ts";
import { placeRegions } from "../memory/plan.ts";
import { CONTROL_BYTES } from "./control.ts";
import { blocksOf, JOB_BYTES, type Job } from "./job.ts";

// The memory that threads need beyond that of a single one: one place for the job and its results, and for each thread
// but the first, which has the index's own, the fields and buffers that kernels write to.

/** The most of the best classes that a thread collects: as many as a block of queries has. */
export const MOST_TOP = QUERY_BLOCK * BLOCK_TOP;

type SharedRegion = "control" | "job" | "logMasses" | "wholeLogMasses";

/** The buffers of a thread for a block of queries. It shares the queries of the first thread. */
type OwnBlockRegion = Exclude<structs.QueryBlockRegion, "queries" | "steps" | "searches">;

/** The addresses of a thread's own fields and buffers. */
export type ThreadRegions = Readonly<
  Record<"layout" | "search" | "block" | "drawPositions" | "drawLogQ" | OwnBlockRegion, number>
>;

/** The addresses of the memory that threads share, and of the memory that each but the first has. */
export interface ThreadMemory {
  readonly shared: Readonly<Record<SharedRegion, number>>;
  readonly own: readonly ThreadRegions[];
}

/** Places the memory of `count` threads for at most this many rows behind `address`. Returns its end as well. */
export function placeThreads(
  address: number,
  count: number,
  rowCount: number,
): { readonly memory: ThreadMemory; readonly end: number } {
  const masses = 8 * QUERY_BLOCK * blocksOf({ itemCount: rowCount });
  const bytes = { control: CONTROL_BYTES, job: JOB_BYTES, logMasses: masses, wholeLogMasses: masses };
  const { regions: shared, end: first } = placeRegions(bytes, address);
  let end = first;
  const own = Array.from({ length: count - 1 }, () => {
    const placed = placeRegions(threadBytes(), end);
    end = placed.end;
    return placed.regions;
  });
  return { memory: { shared, own }, end };
}

function threadBytes(): Record<keyof ThreadRegions, number> {
  const { queries, steps, searches, ...block } = structs.queryBlockRegionBytes({ rowValues: 0 });
  return {
    ...block,
    layout: structs.LAYOUT_BYTES,
    search: structs.SEARCH_BYTES,
    block: structs.QUERYBLOCK_BYTES,
    drawPositions: 4 * (BLOCK_ROWS + SLACK),
    drawLogQ: 4 * (BLOCK_ROWS + SLACK),
    topIds: block.topIds + 4 * SLACK,
    topScores: block.topScores + 4 * SLACK,
  };
}

/** Returns the places of the masses that a job leaves for each of its queries. */
export function massesIn(
  { buffer }: WebAssembly.Memory,
  { shared }: ThreadMemory,
  job: Pick<Job, "queries" | "itemCount">,
): BlockMasses {
  const blocks = blocksOf(job);
  const arraysAt = (address: number): Float64Array[] =>
    Array.from({ length: job.queries }, (_, slot) => new Float64Array(buffer, address + 8 * blocks * slot, blocks));
  return { logMasses: arraysAt(shared.logMasses), wholeLogMasses: arraysAt(shared.wholeLogMasses) };
}
