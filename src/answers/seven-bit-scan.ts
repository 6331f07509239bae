import * as structs from "../../build/structs.ts";
import { type OpenedIndex, write } from "../memory/opened-index.ts";
import { offerChanged } from "./changed-classes.ts";
import { BLOCK_ROWS } from "./row-blocks.ts";
import { sevenBitScan } from "./row-scans.ts";

/**
 * Leaves the k best of all classes in topIds and topScores, from int8 rows, and returns the number of rows read. All
 * rows are read with a query of 7 bits. Those that can reach `threshold`, which rises, are read again with the full
 * query. k classes must reach the first threshold.
 */
export function scanBySevenBits(opened: OpenedIndex, k: number, threshold: number): number {
  const { kernels, plan, header, conditions, batches } = opened;
  const { layout } = plan;
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  const ratio = kernels.quantiseQuery(layout);
  const pass = { ratio, margin: kernels.sevenBitMargin(layout, ratio), threshold };
  const scan = sevenBitScan(opened, k, pass);
  for (let block = batches?.takeReaching?.(k, pass) ?? 0; block * BLOCK_ROWS < header.facts.itemCount; block++)
    scan(block);
  offerChanged(opened, k);
  kernels.topSort(layout);
  return conditions.allowedCount;
}
