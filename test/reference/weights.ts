import { BLOCK_SLOTS, SHARE_BITS } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { SlotPlaces } from "./buckets.ts";
import { exp32, expInto } from "./exp.ts";
import { type Filter, listPositions } from "./filter.ts";
import { maxOf } from "./lanes.ts";
import { log64 } from "./log.ts";
import { firstOutlierOf, positionsOf, type ReferenceIndex } from "./reference-index.ts";

const f32 = Math.fround;

/** The shares of a whole bucket. */
export const ALL_SHARES = 2 ** SHARE_BITS;

/** log w_b of an empty slot. */
export const LEAST_F32 = -(2 - 2 ** -23) * 2 ** 127;

/** The conditions that weights depend on. */
export interface Conditions {
  /** T; 1 by default. */
  readonly temperature?: number;
  /** The positions of the excluded classes; none by default. */
  readonly excluded?: ReadonlySet<number>;
}

/** The weights of the buckets and the shares of the classes. */
export interface Weights extends Filter {
  /** 1 / T, rounded to f32. */
  readonly inverseTemperature: number;
  /** The number of classes that are not excluded. */
  readonly allowedCount: number;
  /** The number of outliers that are not excluded. */
  readonly allowedOutliers: number;
  /** (B): log w_b, where w_b = Σ e^(bias / T) over the bucket's classes that are not excluded; −∞ for an empty sum. */
  readonly bucketLogWeights: Float32Array;
  /** (N): where each class's share of its bucket starts, in units of 2^-31. The share of an excluded class is empty. */
  readonly shares: Uint32Array;
  readonly slots: SlotWeights;
}

/** Tables by slot. A bucket whose classes are all excluded leaves an empty slot. */
export interface SlotWeights {
  /** (K): the largest log w_b of each group; −∞ for a group without classes. */
  readonly groupLogWeights: Float32Array;
  /** (blocks · 32): the bucket, or −1. */
  readonly slotBuckets: Int32Array;
  /** (blocks · 32): the number of classes of the bucket, or 0. */
  readonly slotCounts: Int32Array;
  /** (blocks · 32): 1 / slotCounts, or 0. */
  readonly slotRates: Float32Array;
  /** (blocks · 32): −log slotCounts, or 0. */
  readonly slotLogRates: Float32Array;
  /** (blocks · 32): log w_b, or the smallest f32. */
  readonly slotLogWeights: Float32Array;
  /** (blocks · 32): w_b over the largest of its group, or 0. */
  readonly slotWeights: Float32Array;
}

/**
 * The weights of all buckets. The kernel's results have the same bits whether it weighs all buckets or a list, and
 * whatever it weighed before.
 */
export function weighBuckets(
  index: ReferenceIndex,
  { slotPlaces, groupBlocks }: SlotPlaces,
  { temperature = 1, excluded = new Set() }: Conditions = {},
): Weights {
  const inverseTemperature = f32(1 / temperature);
  const shares = new Uint32Array(index.facts.itemCount);
  const bucketCounts = new Int32Array(index.facts.bucketCount);
  const bucketLogWeights = Float32Array.from(index.bucketCodes, (_, bucket) => {
    const { first, end } = positionsOf(index, bucket);
    const biases = index.bias?.slice(first, end) ?? new Float32Array(end - first);
    const weighed = shareOut(
      biases.map((bias, i) => (excluded.has(first + i) ? Number.NEGATIVE_INFINITY : bias)),
      inverseTemperature,
    );
    shares.set(weighed.shares, first);
    bucketCounts[bucket] = listPositions({ excluded }, first, end).length;
    return weighed.logWeight;
  });

  const slotBuckets = slotPlaces.map((bucket) => (bucket >= 0 && at(bucketCounts, bucket) > 0 ? bucket : -1));
  const slotCounts = slotBuckets.map((bucket) => (bucket < 0 ? 0 : at(bucketCounts, bucket)));
  const slotLogWeights = Float32Array.from(slotBuckets, (bucket) =>
    bucket < 0 ? LEAST_F32 : at(bucketLogWeights, bucket),
  );
  const groupLogWeights = new Float32Array(groupBlocks.length - 1);
  const slotWeights = new Float32Array(slotBuckets.length);
  for (const group of groupLogWeights.keys()) {
    const [first, end] = [at(groupBlocks, group) * BLOCK_SLOTS, at(groupBlocks, group + 1) * BLOCK_SLOTS];
    const top = first < end ? maxOf(slotLogWeights.subarray(first, end)) : LEAST_F32;
    groupLogWeights[group] = top > LEAST_F32 ? top : Number.NEGATIVE_INFINITY;
    for (let slot = first; slot < end; slot++) {
      if (at(slotBuckets, slot) >= 0) slotWeights[slot] = exp32(f32(at(slotLogWeights, slot) - top));
    }
  }
  const allowedOutliers = listPositions({ excluded }, firstOutlierOf(index), index.facts.itemCount).length;
  return {
    inverseTemperature,
    excluded,
    allowedCount: bucketCounts.reduce((sum, count) => sum + count, allowedOutliers),
    allowedOutliers,
    bucketLogWeights,
    shares,
    slots: {
      groupLogWeights,
      slotBuckets,
      slotCounts,
      slotRates: Float32Array.from(slotCounts, (count) => (count > 0 ? 1 / f32(count) : 0)),
      slotLogRates: Float32Array.from(slotCounts, (count) => (count > 0 ? -log64(count) : 0)),
      slotLogWeights,
      slotWeights,
    },
  };
}

/**
 * The shares of one bucket and the logarithm of its weight. `biases` are −∞ for excluded classes. Weights are f32, and
 * sums are f64 from left to right. Each class that is not excluded has one unit, and the rest of the 2^31 is shared out
 * by weight. The share of an excluded class starts where the next class's does, or at 2^31 behind the last.
 */
function shareOut(biases: Float32Array, scale: number): { shares: number[]; logWeight: number } {
  const top = maxOf(biases);
  const { out } = expInto(biases, top, scale);
  const weights = out.map((weight, i) => (at(biases, i) > Number.NEGATIVE_INFINITY ? weight : 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const count = weights.filter((weight) => weight > 0).length;
  const unitsPerWeight = (ALL_SHARES - count) / total;
  let sum = 0;
  let before = 0;
  const shares = Array.from(weights, (weight) => {
    const share = before < count ? before + Math.floor(sum * unitsPerWeight) : ALL_SHARES;
    sum += weight;
    before += Number(weight > 0);
    return share;
  });
  return { shares, logWeight: top * scale + log64(total) };
}
