import * as structs from "../../build/structs.ts";
import type { SevenBitPass } from "../memory/batch-reader.ts";
import { BLOCK_ROWS, blockScanner, logMassOf, type RowsInMemory, rangeOf, scoreRows } from "./row-blocks.ts";

// Scans of all rows, block by block, in any order: what a block adds does not depend on the others.

/** Reads a block and adds what it has to the answer. Returns the number of classes in it that are not filtered out. */
export type ScanBlock = (block: number) => number;

/** Collects the k best, and the logarithms of the masses of the blocks. The classes of a block stay in the draw buffers. */
export function scoringScan(opened: RowsInMemory, k: number, logMasses: Float64Array): ScanBlock {
  const scanBlock = blockScanner(opened);
  return (block) => {
    const { logMass, count } = scanBlock(block);
    pushScores(opened, count, k);
    logMasses[block] = logMass;
    return count;
  };
}

/** Collects the logarithms of the masses of the blocks, as int8 rows score and, but for changed classes, with remainders. */
export function remainderScan(opened: RowsInMemory, logMasses: Float64Array, wholeLogMasses: Float64Array): ScanBlock {
  const { kernels, plan, header } = opened;
  const { drawPositions, drawScores } = plan.regions;
  const scanBlock = blockScanner(opened);
  return (block) => {
    const { logMass, count } = scanBlock(block);
    logMasses[block] = logMass;
    if (block * BLOCK_ROWS >= header.facts.itemCount) return count;
    if (count > 0) kernels.addRemainder(plan.layout, drawPositions, count, drawScores);
    wholeLogMasses[block] = count > 0 ? logMassOf(opened, count) : Number.NEGATIVE_INFINITY;
    return count;
  };
}

/** Collects the k best. */
export const topScan =
  (opened: RowsInMemory, k: number): ScanBlock =>
  (block) => {
    const count = scoreRows(opened, block);
    pushScores(opened, count, k);
    return count;
  };

/** Collects the k best of the rows that can reach the threshold, which rises as they are found. */
export function sevenBitScan(opened: RowsInMemory, k: number, { ratio, margin, threshold }: SevenBitPass): ScanBlock {
  const { kernels, plan, search } = opened;
  const { drawPositions, drawScores, topScores } = plan.regions;
  const worst = new Float32Array(kernels.memory.buffer, topScores, 1);
  let least = threshold;
  return (block) => {
    const { first, end } = rangeOf(opened, block);
    const count = kernels.rowsReaching(plan.layout, ratio, margin, first, end, least);
    if (count === 0) return count;
    kernels.scorePositions(plan.layout, drawPositions, count, drawScores);
    pushScores(opened, count, k);
    if (search[structs.SEARCH_TOP_COUNT / 8] === k) least = Math.max(least, worst[0] as number);
    return count;
  };
}

function pushScores({ kernels, plan }: RowsInMemory, count: number, k: number): void {
  kernels.topPush(plan.layout, plan.regions.drawPositions, plan.regions.drawScores, count, k);
}
