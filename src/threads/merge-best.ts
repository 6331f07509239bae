import * as structs from "../../build/structs.ts";
import { BLOCK_ROWS } from "../answers/row-blocks.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";

/** The best classes that a thread has collected. */
interface Collected {
  readonly topIds: number;
  readonly topScores: number;
  readonly count: number;
}

/**
 * Merges classes with their scores into the k best in topIds and topScores. Classes with equal scores are ordered by their
 * ids, so the best of all are the same whichever thread has read which block.
 */
export function mergeBest(opened: OpenedIndex, { topIds, topScores, count }: Collected, k: number): void {
  const { kernels, plan, integers, floats } = opened;
  const { drawPositions, drawScores, positions } = plan.regions;
  const refinement = read(opened, structs.SEARCH_REFINEMENT);
  write(opened, structs.SEARCH_REFINEMENT, 0); // scores are refined already
  for (let first = 0; first < count; first += BLOCK_ROWS) {
    const few = Math.min(BLOCK_ROWS, count - first);
    for (let i = 0; i < few; i++) {
      const id = integers[topIds / 4 + first + i] as number;
      integers[drawPositions / 4 + i] = integers[positions / 4 + id] as number;
      floats[drawScores / 4 + i] = floats[topScores / 4 + first + i] as number;
    }
    kernels.topPush(plan.layout, drawPositions, drawScores, few, k);
  }
  write(opened, structs.SEARCH_REFINEMENT, refinement);
}
