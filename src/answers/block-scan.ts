import * as structs from "../../build/structs.ts";
import { BLOCK_ROWS, BLOCK_SCORES, QUERY_BLOCK } from "../abi.ts";
import { type OpenedIndex, write } from "../memory/opened-index.ts";
import type { RowsAhead, RowsWanted } from "../memory/rows-ahead.ts";

// Scans of all rows for a block of queries at once (assembly/exact/query-block.ts). A block of rows is read for all of
// them before the next one. What it gives a query is what a scan for this query alone gives, bit for bit.

/** An answer that goes on from a scan of all rows. Queries of a batch that wait for one are scanned together. */
export class AfterScan<T> {
  readonly wanted: RowsWanted;
  /** Makes the answer to the query in place, which must be prepared again after others. */
  readonly finish: (opened: OpenedIndex) => T;

  constructor(wanted: RowsWanted, finish: (opened: OpenedIndex) => T) {
    this.wanted = wanted;
    this.finish = finish;
  }
}

/** An answer, or what it goes on from once all rows are read. */
export type Given<T> = T | AfterScan<T>;

/** Finishes an answer to the query in place, for which it reads the rows alone. */
export const finished = <T>(opened: OpenedIndex, given: Given<T>): T =>
  given instanceof AfterScan ? given.finish(opened) : given;

/** Makes another answer from one, at once or after the scan. */
export const goOn = <From, To>(
  opened: OpenedIndex,
  given: Given<From>,
  next: (opened: OpenedIndex, from: From) => To,
): Given<To> =>
  given instanceof AfterScan
    ? new AfterScan(given.wanted, (later) => next(later, given.finish(later)))
    : next(opened, given);

/** Copies the query in place into a block of queries. */
export function packQuery({ kernels, plan }: OpenedIndex, slot: number, { masses }: RowsWanted): void {
  kernels.packQuery(plan.layout, slot);
  if (masses !== "remainders") return;
  kernels.prepareBounds(plan.layout);
  kernels.prepareRemainder(plan.layout);
  kernels.packRemainder(plan.layout, slot);
}

/**
 * Scores every class that is not filtered out and has no changed logit for the first queries of the block, which want the
 * same but for their visits.
 */
export function scanForBlock(opened: OpenedIndex, queries: readonly RowsWanted[]): RowsAhead[] {
  const { kernels, plan, header } = opened;
  const { layout, regions } = plan;
  const { itemCount } = header.facts;
  const { k, masses } = queries[0] as RowsWanted;
  const blocks = Math.ceil(itemCount / BLOCK_ROWS);
  const given = queries.map((wanted, slot) => ({
    ...{ ...wanted, slot, logMasses: new Float64Array(blocks), wholeLogMasses: new Float64Array(blocks) },
    scoresAt: regions.blockScores + 4 * BLOCK_SCORES * slot,
  }));
  const logMassOf = new Float64Array(kernels.memory.buffer, regions.blockLogMasses, QUERY_BLOCK);
  const merge = (name: "logMasses" | "wholeLogMasses", block: number, count: number, best: number): void => {
    kernels.mergeBlock(layout, regions.drawPositions, count, given.length, best, masses !== "none");
    for (const query of given) query[name][block] = logMassOf[query.slot] as number;
  };
  new Int32Array(kernels.memory.buffer, regions.blockTopCounts, QUERY_BLOCK).fill(0);
  let scored = 0;
  for (let block = 0; block < blocks; block++) {
    const first = block * BLOCK_ROWS;
    const end = Math.min(first + BLOCK_ROWS, itemCount);
    const count = (kernels.listPositions(layout, first, end, regions.drawPositions) - regions.drawPositions) / 4;
    kernels.scoreBlock(layout, regions.drawPositions, count, given.length);
    merge("logMasses", block, count, k);
    for (const { visit, scoresAt } of given) visit?.(regions.drawPositions, scoresAt, count);
    scored += count;
    if (masses !== "remainders") continue;
    kernels.addBlockRemainders(layout, regions.drawPositions, count, given.length);
    merge("wholeLogMasses", block, count, 0);
  }
  return given.map((query) => ({ ...query, scored }));
}

/**
 * Takes what all rows have given the query in place, if they were read for its block of queries. The best classes are then
 * in topIds and topScores, as a heap. Undefined where the query has to read the rows itself.
 */
export function takeAhead(opened: OpenedIndex, { k, masses, visit }: RowsWanted): RowsAhead | undefined {
  const { kernels, plan, rowsAhead } = opened;
  if (rowsAhead?.masses !== masses || rowsAhead.visit !== visit || (k > 0 && k !== rowsAhead.k)) return undefined;
  const { blockTopIds, blockTopScores, blockTopCounts, topIds, topScores } = plan.regions;
  const { buffer } = kernels.memory;
  const { slot } = rowsAhead;
  const kept = k > 0 ? (new Int32Array(buffer, blockTopCounts, QUERY_BLOCK)[slot] as number) : 0;
  const bytes = new Uint8Array(buffer);
  for (const [from, to] of [
    [blockTopIds, topIds],
    [blockTopScores, topScores],
  ] as const) {
    bytes.copyWithin(to, from + 4 * slot * k, from + 4 * (slot * k + kept));
  }
  write(opened, structs.SEARCH_TOP_COUNT, kept);
  return rowsAhead;
}
