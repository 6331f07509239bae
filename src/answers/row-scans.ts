import * as structs from "../../build/structs.ts";
import type { SevenBitPass } from "../memory/batch-reader.ts";
import { read } from "../memory/opened-index.ts";
import { BLOCK_ROWS, blockScanner, endOf, logMassOf, type RowsInMemory, scoreRows } from "./row-blocks.ts";

// Scans of all rows, block by block, in any order: the contribution of a block does not depend on the others.

/** Reads a block and adds its classes to the answer. Returns the number of its classes that are not filtered out. */
export type ScanBlock = (block: number) => number;

/**
 * Collects the k best, and the logarithms of the masses of the blocks: by the scores of the rows and, for int8 rows but not
 * for changed classes, also with remainders. Without remainders, the classes of a block stay in the draw buffers.
 */
export function massScan(
  opened: RowsInMemory,
  k: number,
  logMasses: Float64Array,
  wholeLogMasses?: Float64Array,
): ScanBlock {
  const { kernels, plan, header } = opened;
  const { drawPositions, drawScores } = plan.regions;
  const scanBlock = blockScanner(opened);
  return (block) => {
    const { logMass, count } = scanBlock(block);
    kernels.topPush(plan.layout, drawPositions, drawScores, count, k);
    logMasses[block] = logMass;
    if (wholeLogMasses && block * BLOCK_ROWS < header.facts.itemCount) {
      kernels.addRemainder(plan.layout, drawPositions, count, drawScores);
      wholeLogMasses[block] = logMassOf(opened, count);
    }
    return count;
  };
}

/** Collects the k best. */
export const topScan =
  (opened: RowsInMemory, k: number): ScanBlock =>
  (block) => {
    const { kernels, plan } = opened;
    const count = scoreRows(opened, block);
    kernels.topPush(plan.layout, plan.regions.drawPositions, plan.regions.drawScores, count, k);
    return count;
  };

/** Collects the k best of the rows that can reach the threshold of a first pass, which rises as they are found. */
export function sevenBitScan(opened: RowsInMemory, k: number, { ratio, margin, threshold }: SevenBitPass): ScanBlock {
  const { kernels, plan } = opened;
  const { drawPositions, drawScores, topScores } = plan.regions;
  const worst = new Float32Array(kernels.memory.buffer, topScores, 1);
  let least = threshold;
  return (block) => {
    const count = kernels.rowsReaching(plan.layout, ratio, margin, block * BLOCK_ROWS, endOf(opened, block), least);
    kernels.scorePositions(plan.layout, drawPositions, count, drawScores);
    kernels.topPush(plan.layout, drawPositions, drawScores, count, k);
    if (read(opened, structs.SEARCH_TOP_COUNT) === k) least = Math.max(least, worst[0] as number);
    return count;
  };
}
