import { BLOCK_SCORES, QUERY_BLOCK } from "../abi.ts";
import { BLOCK_ROWS } from "../answers/full-scan.ts";
import type { RowsAhead, RowsWanted, VisitScores } from "../memory/batch-reader.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { BlockInstance } from "./block-instance.ts";

// Scans of all rows for a block of queries at once (assembly/batch/score-block.ts). A block of rows is read for all of
// them before the next one. What it gives a query is what a scan for this query alone gives, bit for bit.

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

/**
 * Scores every class that is not filtered out and has no changed logit for the first `count` queries of the block. `visits`
 * see the scores of each, if there are any.
 */
export function scanForBlock(
  { kernels, plan, header }: OpenedIndex,
  { batch, address, regions }: BlockInstance,
  count: number,
  wanted: RowsWanted,
  visits: readonly VisitScores[] = [],
): RowsAhead[] {
  const { layout } = plan;
  const { drawPositions } = plan.regions;
  const { itemCount } = header.facts;
  const blocks = Math.ceil(itemCount / BLOCK_ROWS);
  const logMasses = Array.from({ length: count }, () => new Float64Array(blocks));
  const wholeLogMasses = Array.from({ length: count }, () => new Float64Array(blocks));
  const logMassOf = new Float64Array(kernels.memory.buffer, regions.logMasses, QUERY_BLOCK);
  const merge = (into: readonly Float64Array[], block: number, rows: number, best: number): void => {
    batch.mergeBlock(address, drawPositions, rows, count, best, wanted.masses !== "none");
    for (const [slot, masses] of into.entries()) masses[block] = logMassOf[slot] as number;
  };
  new Int32Array(kernels.memory.buffer, regions.topCounts, QUERY_BLOCK).fill(0);
  let scored = 0;
  for (let block = 0; block < blocks; block++) {
    const first = block * BLOCK_ROWS;
    const end = Math.min(first + BLOCK_ROWS, itemCount);
    const rows = (kernels.listPositions(layout, first, end, drawPositions) - drawPositions) / 4;
    batch.scoreBlock(address, drawPositions, rows, count);
    merge(logMasses, block, rows, wanted.k);
    for (const [slot, visit] of visits.entries()) visit(regions.scores + 4 * BLOCK_SCORES * slot, rows);
    scored += rows;
    if (wanted.masses !== "remainders") continue;
    batch.addBlockRemainders(address, drawPositions, rows, count);
    merge(wholeLogMasses, block, rows, 0);
  }
  return logMasses.map((masses, slot) => ({
    ...wanted,
    slot,
    scored,
    logMasses: masses,
    wholeLogMasses: wholeLogMasses[slot] as Float64Array,
  }));
}
