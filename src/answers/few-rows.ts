import { MOST_THINNED } from "../abi.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { LEAST_PART } from "./allowed-head.ts";
import { BLOCK_ROWS } from "./row-blocks.ts";

// If `allow` or a filter leaves few classes, most blocks of positions have none or one of them, and a scan would spend its
// time between blocks.

/** Returns true if few classes are left beside the changed ones. The draw buffers have room for all of them. */
export function areFew({ conditions, header }: OpenedIndex): boolean {
  const count = conditions.allowedCount - conditions.changedCount;
  return conditions.hasAllow && count <= MOST_THINNED && count * LEAST_PART <= header.facts.itemCount;
}

/** Lists the positions of the few classes in the draw buffer, and returns their number. */
function listFew({ kernels, plan, header }: OpenedIndex): number {
  const { drawPositions } = plan.regions;
  return (kernels.listPositions(plan.layout, 0, header.facts.itemCount, drawPositions) - drawPositions) / 4;
}

/** Scores the few classes into the draw buffers, and returns their number. */
export function scoreFew(opened: OpenedIndex): number {
  const { kernels, plan } = opened;
  const count = listFew(opened);
  kernels.scorePositions(plan.layout, plan.regions.drawPositions, count, plan.regions.drawScores);
  return count;
}

/** Returns a function that tells which blocks of positions have none of the few classes. */
export function emptyBlocks(opened: OpenedIndex): (block: number) => boolean {
  const blocks = Math.ceil(opened.header.facts.itemCount / BLOCK_ROWS);
  const isHeld = new Uint8Array(blocks);
  const positions = new Int32Array(opened.kernels.memory.buffer, opened.plan.regions.drawPositions, listFew(opened));
  for (const position of positions) isHeld[Math.floor(position / BLOCK_ROWS)] = 1;
  return (block) => isHeld[block] === 0;
}
