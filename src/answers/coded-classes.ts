import * as structs from "../../build/structs.ts";
import { lastAtMost } from "../memory/last-at-most.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import type { Moments } from "./moments.ts";
import { logTailMass } from "./tail-share.ts";

// Classes that entered the head by their fine codes lie in buckets of the tail, so that some draws meet them. Such draws say
// nothing about the other classes. Counted as 0 they would make the estimate too high by the classes' share of the tail
// where, by chance, no draw meets one, and no variance would show it.

/**
 * Returns the part of the tail's mass that the proposal gives to the classes that entered the head by their codes. The
 * extended head and the tail must be in place.
 */
export function codedShare(opened: OpenedIndex): number {
  const { kernels, plan, header } = opened;
  const { buffer } = kernels.memory;
  const end = read(opened, structs.SEARCH_HEAD_COUNT);
  const first = end - read(opened, structs.SEARCH_CODED_COUNT);
  const positions = new Int32Array(buffer, plan.regions.headPositions, end).subarray(first);
  const place = header.tensors.bucketOffsets as { readonly begin: number };
  const offsets = new Int32Array(buffer, plan.file + place.begin, header.facts.bucketCount + 1);
  const logTail = logTailMass(opened);
  let share = 0;
  for (const position of positions) {
    share += kernels.exp64(kernels.logMassAt(plan.layout, lastAtMost(offsets, position), position) - logTail);
  }
  return Math.min(share, 1);
}

/**
 * Returns moments whose draws are from the tail without the classes of the share `share`, that is those that met none of
 * them. The variance by the model stays what it was, because nothing tells how wide the buckets of the others are. If fewer
 * than two draws met others, these are as many as the proposal says, and the error is that of a count of such draws.
 */
export function withoutCoded(opened: OpenedIndex, m: Moments, share: number): Moments {
  if (share === 0) return m;
  const rest = 1 - share;
  const tailMean = rest * m.tailMass;
  const drawCount = m.drawCount - codedDraws(opened, m.drawCount);
  if (drawCount < 2) {
    const variance = ((m.drawCount - 1) / m.drawCount) * share * tailMean * m.tailMass;
    return { ...m, tailMean, tailSquareMean: tailMean * tailMean + variance };
  }
  const scale = (rest * m.drawCount) / drawCount;
  return {
    ...{ ...m, drawCount, tailMass: tailMean, logTail: m.logTail + opened.kernels.log64(drawCount / m.drawCount) / 2 },
    ...{ tailMean: scale * m.tailMean, tailSquareMean: scale * rest * m.tailSquareMean },
  };
}

/** Counts the draws whose class is in the head: those without a weight. */
function codedDraws({ kernels, plan }: OpenedIndex, drawCount: number): number {
  const factors = new Float64Array(kernels.memory.buffer, plan.regions.drawFactors, drawCount);
  return factors.reduce((count, factor) => count + Number(factor === 0), 0);
}
