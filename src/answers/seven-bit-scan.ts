import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { offerChanged } from "./changed-classes.ts";
import { BLOCK_ROWS } from "./full-scan.ts";

/**
 * Leaves the k best of all classes in topIds and topScores, from int8 rows, and returns the number of rows read. All
 * rows are read with a query of 7 bits. Those that can reach `threshold`, which rises, are read again with the full
 * query. k classes must reach the first threshold.
 */
export function scanBySevenBits(opened: OpenedIndex, k: number, threshold: number): number {
  const { kernels, plan, header, conditions } = opened;
  const { layout, regions } = plan;
  const { itemCount } = header.facts;
  const worst = new Float32Array(kernels.memory.buffer, regions.topScores, 1);
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  const ratio = kernels.quantiseQuery(layout);
  const margin = kernels.sevenBitMargin(layout, ratio);
  let least = threshold;
  for (let first = 0; first < itemCount; first += BLOCK_ROWS) {
    const end = Math.min(first + BLOCK_ROWS, itemCount);
    const count = kernels.rowsReaching(layout, ratio, margin, first, end, least);
    if (count === 0) continue;
    kernels.scorePositions(layout, regions.drawPositions, count, regions.drawScores);
    kernels.topPush(layout, regions.drawPositions, regions.drawScores, count, k);
    if (read(opened, structs.SEARCH_TOP_COUNT) === k) least = Math.max(least, worst[0] as number);
  }
  offerChanged(opened, k);
  kernels.topSort(layout);
  return conditions.allowedCount;
}
