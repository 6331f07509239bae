import { BLOCK_SCORES, QUERY_BLOCK } from "../abi.ts";
import { BLOCK_ROWS, listRows, type RowsInMemory } from "../answers/row-blocks.ts";
import type { RowsAhead, RowsWanted, VisitScores } from "../memory/batch-reader.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { BlockInstance } from "./block-instance.ts";

// Scans of all rows for a block of queries at once (assembly/batch/score-block.ts). A block of rows is read for all queries
// before the next one. Each query gets what a scan for this query alone would give, bit for bit.

/** Copies the query in place into a block of queries. */
export function packQuery(
  { kernels, plan }: OpenedIndex,
  { batch, address }: BlockInstance,
  slot: number,
  { masses }: RowsWanted,
): void {
  batch.packQuery(address, slot);
  if (masses !== "remainders") return;
  kernels.prepareBounds(plan.layout);
  kernels.prepareRemainder(plan.layout);
  batch.packRemainder(address, slot);
}

/** The results of a scan for a block of queries: for each query, the logarithms of the masses of the blocks of rows. */
export interface BlockMasses {
  readonly logMasses: readonly Float64Array[];
  /** The same logarithms for masses with remainders. */
  readonly wholeLogMasses: readonly Float64Array[];
}

/**
 * Scores every class that is not filtered out and has no changed logit for the first `count` queries of the block. `visits`
 * see the scores of each, if there are any.
 */
export function scanForBlock(
  opened: OpenedIndex,
  instance: BlockInstance,
  count: number,
  wanted: RowsWanted,
  visits: readonly VisitScores[] = [],
): RowsAhead[] {
  const blocks = Math.ceil(opened.header.facts.itemCount / BLOCK_ROWS);
  const arrays = (): Float64Array[] => Array.from({ length: count }, () => new Float64Array(blocks));
  const masses = { logMasses: arrays(), wholeLogMasses: arrays() };
  const scan = blockScan(opened, instance, wanted, masses);
  let scored = 0;
  for (let block = 0; block < blocks; block++) scored += scan(block, visits);
  return rowsAhead(wanted, scored, masses);
}

/** Returns the results of a scan for each query. */
export const rowsAhead = (
  wanted: RowsWanted,
  scored: number,
  { logMasses, wholeLogMasses }: BlockMasses,
): RowsAhead[] =>
  logMasses.map((masses, slot) => ({
    ...wanted,
    slot,
    scored,
    logMasses: masses,
    wholeLogMasses: wholeLogMasses[slot] as Float64Array,
  }));

/** Returns a function that reads a block of rows for as many queries as `masses` has arrays, and returns their number. */
export function blockScan(
  opened: RowsInMemory,
  { batch, address, regions }: BlockInstance,
  wanted: RowsWanted,
  { logMasses, wholeLogMasses }: BlockMasses,
): (block: number, visits?: readonly VisitScores[]) => number {
  const { kernels, plan } = opened;
  const { drawPositions } = plan.regions;
  const count = logMasses.length;
  const logMassOf = new Float64Array(kernels.memory.buffer, regions.logMasses, QUERY_BLOCK);
  const merge = (into: readonly Float64Array[], block: number, rows: number, best: number): void => {
    batch.mergeBlock(address, drawPositions, rows, count, best, wanted.masses !== "none");
    for (const [slot, masses] of into.entries()) masses[block] = logMassOf[slot] as number;
  };
  new Int32Array(kernels.memory.buffer, regions.topCounts, QUERY_BLOCK).fill(0);
  return (block, visits = []) => {
    const rows = listRows(opened, block);
    batch.scoreBlock(address, drawPositions, rows, count);
    merge(logMasses, block, rows, wanted.k);
    for (const [slot, visit] of visits.entries()) visit(regions.scores + 4 * BLOCK_SCORES * slot, rows);
    if (wanted.masses !== "remainders") return rows;
    batch.addBlockRemainders(address, drawPositions, rows, count);
    merge(wholeLogMasses, block, rows, 0);
    return rows;
  };
}
