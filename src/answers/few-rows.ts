import { MOST_THINNED_DRAWS } from "../abi.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { LEAST_PART } from "./allowed-head.ts";
import { BLOCK_ROWS, listBetween, scoreBetween } from "./row-blocks.ts";

// If `allow` or a filter leaves few classes, most blocks of positions have none or one of them, and a scan would spend its
// time between blocks.

/** Returns true if few classes are left beside the changed ones. The draw buffers have room for all of them. */
export function areFew({ conditions, header }: OpenedIndex): boolean {
  const count = conditions.allowedCount - conditions.changedCount;
  return conditions.hasAllow && count <= MOST_THINNED_DRAWS && count * LEAST_PART <= header.facts.itemCount;
}

/** Scores the few classes into the draw buffers, and returns their number. */
export const scoreFew = (opened: OpenedIndex): number => scoreBetween(opened, 0, opened.header.facts.itemCount);

/** Returns a function that tells which blocks of positions have none of the few classes. */
export function emptyBlocks(opened: OpenedIndex): (block: number) => boolean {
  const { itemCount } = opened.header.facts;
  const isHeld = new Uint8Array(Math.ceil(itemCount / BLOCK_ROWS));
  const count = listBetween(opened, 0, itemCount);
  const positions = new Int32Array(opened.kernels.memory.buffer, opened.plan.regions.drawPositions, count);
  for (const position of positions) isHeld[Math.floor(position / BLOCK_ROWS)] = 1;
  return (block) => isHeld[block] === 0;
}
