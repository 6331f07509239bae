import type { OpenedIndex } from "../memory/opened-index.ts";
import { sumBlocks } from "./full-scan.ts";
import { BLOCK_ROWS, type BlockScan, blockCount, blockScanner, logMassOf, padded } from "./row-blocks.ts";

/** Computes the logarithm of the mass of all classes but those at `positions`; −∞ for none. O(N·D). */
export function logMassWithout(
  opened: OpenedIndex,
  positions: Int32Array,
): { readonly logMass: number; readonly scored: number } {
  const isLeftOut = new Set(positions);
  const touched = new Set(Array.from(positions, (position) => Math.floor(position / BLOCK_ROWS)));
  const changedFrom = Math.ceil(opened.header.facts.itemCount / BLOCK_ROWS);
  const scanBlock = blockScanner(opened);
  const logMasses = new Float64Array(blockCount(opened));
  let scored = 0;
  for (let block = 0; block < logMasses.length; block++) {
    const scanned = scanBlock(block);
    scored += scanned.count;
    const hasSlate = touched.has(block) || block >= changedFrom;
    logMasses[block] = hasSlate ? logMassOfOthers(opened, scanned, isLeftOut) : scanned.logMass;
  }
  return { logMass: sumBlocks(opened, logMasses).logPartition, scored };
}

/** Moves the scores of a block's other classes together and sums their masses. */
function logMassOfOthers(opened: OpenedIndex, { count, positions, scores }: BlockScan, isLeftOut: Set<number>): number {
  let kept = 0;
  for (let i = 0; i < count; i++) if (!isLeftOut.has(positions[i] as number)) scores[kept++] = scores[i] as number;
  scores.fill(Number.NEGATIVE_INFINITY, kept, padded(kept));
  return logMassOf(opened, kept);
}
