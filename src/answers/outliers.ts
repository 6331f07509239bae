import { bucketedCount } from "../format/sections.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { scoreBetween } from "./row-blocks.ts";

// Outliers lie in no bucket, so searches that go by buckets or by fine codes look at them apart.

/** Scores the outliers that are not filtered out into the draw buffers, and returns their number. */
export const scoreOutliers = (opened: OpenedIndex): number =>
  scoreBetween(opened, bucketedCount(opened.header.facts), opened.header.facts.itemCount);

/** Offers the outliers to the k best in topIds and topScores, and returns their number. */
export function offerOutliers(opened: OpenedIndex, k: number): number {
  const { kernels, plan } = opened;
  const count = scoreOutliers(opened);
  kernels.topPush(plan.layout, plan.regions.drawPositions, plan.regions.drawScores, count, k);
  return count;
}

/** Computes the logarithm of the mass of the outliers. −Infinity without outliers. */
export function logMassOfOutliers(opened: OpenedIndex): number {
  const { kernels, plan, conditions } = opened;
  const count = scoreOutliers(opened);
  if (count === 0) return Number.NEGATIVE_INFINITY;
  const { drawScores } = plan.regions;
  new Float32Array(kernels.memory.buffer, drawScores, Math.ceil(count / 4) * 4).fill(Number.NEGATIVE_INFINITY, count);
  const top = kernels.maxOf(drawScores, count);
  const sum = kernels.sumExp(drawScores, count, top, conditions.inverseTemperature);
  return top * conditions.inverseTemperature + kernels.log64(sum);
}
