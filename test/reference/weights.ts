import { BLOCK_SLOTS, SHARE_BITS } from "../../src/abi.ts";
import { type KnotPlace, ownKnot, placeOfShares } from "../../src/memory/knots.ts";
import { at } from "./at.ts";
import { exp32, expInto } from "./exp.ts";
import { type Filter, listPositions } from "./filter.ts";
import { maxOf } from "./lanes.ts";
import { log64 } from "./log.ts";
import { firstOutlierOf, positionsOf, type ReferenceIndex } from "./reference-index.ts";
import type { SlotPlaces } from "./slot-places.ts";

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
  /** Where the weights come from; by default they are those of the temperature itself. */
  readonly place?: KnotPlace;
}

/** The weights of the buckets and the shares of the classes. */
export interface Weights extends Filter {
  /** 1 / T, rounded to f32. */
  readonly inverseTemperature: number;
  /** The number of classes that are not excluded. */
  readonly allowedCount: number;
  /** The number of outliers that are not excluded. */
  readonly allowedOutliers: number;
  /** The place of 1 / T among knots, where the weights come from. */
  readonly place: KnotPlace;
  /** (B): log w_b; −∞ for a bucket without classes. */
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
  /** (blocks · 32): log w_b, where w_b = Σ e^(bias / T) over the bucket's classes that are not excluded, or the smallest f32. */
  readonly slotLogWeights: Float32Array;
  /** (blocks · 32): w_b over the largest of its group, or 0. */
  readonly slotWeights: Float32Array;
}

/**
 * The weights of all buckets. The kernels' results have the same bits whether they weigh all buckets or a list, and
 * whatever they weighed before.
 */
export function weighBuckets(
  index: ReferenceIndex,
  { slotPlaces, groupBlocks }: SlotPlaces,
  { temperature = 1, excluded = new Set(), place = ownKnot(f32(1 / temperature)) }: Conditions = {},
): Weights {
  const inverseTemperature = f32(1 / temperature);
  const filtered = { ...index, excluded };
  const slotCounts = countBuckets(filtered, slotPlaces);
  const slotBuckets = slotPlaces.map((bucket, slot) => (at(slotCounts, slot) > 0 ? bucket : -1));
  const logWeightOf = (bucket: number): number => {
    const low = logWeightAt(filtered, bucket, place.low);
    if (place.highPart === 0) return low;
    const high = logWeightAt(filtered, bucket, place.high);
    return f32(f32(f32(place.lowPart) * low) + f32(f32(place.highPart) * high));
  };
  const slotLogWeights = Float32Array.from(slotBuckets, (bucket) => (bucket < 0 ? LEAST_F32 : logWeightOf(bucket)));
  const bucketLogWeights = new Float32Array(index.facts.bucketCount).fill(Number.NEGATIVE_INFINITY);
  for (const [slot, bucket] of slotBuckets.entries())
    if (bucket >= 0) bucketLogWeights[bucket] = at(slotLogWeights, slot);
  const shares = new Uint32Array(index.facts.itemCount);
  for (const bucket of index.bucketCodes.keys()) {
    shares.set(sharesAt(filtered, bucket, place, inverseTemperature), positionsOf(index, bucket).first);
  }
  const allowedOutliers = listPositions({ excluded }, firstOutlierOf(index), index.facts.itemCount).length;
  return {
    inverseTemperature,
    place,
    excluded,
    allowedCount: slotCounts.reduce((sum, count) => sum + count, allowedOutliers),
    allowedOutliers,
    bucketLogWeights,
    shares,
    slots: {
      ...weighGroups(groupBlocks, slotBuckets, slotLogWeights),
      slotBuckets,
      slotCounts,
      slotRates: Float32Array.from(slotCounts, (count) => (count > 0 ? 1 / f32(count) : 0)),
      slotLogRates: Float32Array.from(slotCounts, (count) => (count > 0 ? -log64(count) : 0)),
      slotLogWeights,
    },
  };
}

/** (blocks · 32): the number of classes of each slot's bucket that are not excluded. */
export const countBuckets = (index: ReferenceIndex & Filter, slotPlaces: Int32Array): Int32Array =>
  slotPlaces.map((bucket) => {
    if (bucket < 0) return 0;
    const { first, end } = positionsOf(index, bucket);
    return listPositions(index, first, end).length;
  });

/** (B): log w_b from the tables of two knots, on the chord between them, or the lower where that is the place. */
export const weighSlots = ({ lowPart, highPart }: KnotPlace, low: Float32Array, high: Float32Array): Float32Array =>
  low.map((value, bucket) =>
    highPart === 0 ? value : f32(f32(f32(lowPart) * value) + f32(f32(highPart) * at(high, bucket))),
  );

/** (B): log w_b as kernels hold it: the smallest f32 for a bucket without classes. */
export const heldLogWeights = ({ bucketLogWeights }: Pick<Weights, "bucketLogWeights">): Float32Array =>
  bucketLogWeights.map((value) => Math.max(value, LEAST_F32));

/** (B): log w_b of all classes at 1 / T = `scale`. */
export const weighKnot = (index: ReferenceIndex, scale: number): Float32Array =>
  Float32Array.from(index.bucketCodes, (_, bucket) => logWeightAt({ ...index, excluded: new Set() }, bucket, scale));

function weighGroups(
  groupBlocks: Int32Array,
  slotBuckets: Int32Array,
  slotLogWeights: Float32Array,
): Pick<SlotWeights, "groupLogWeights" | "slotWeights"> {
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
  return { groupLogWeights, slotWeights };
}

/** The biases of a bucket's classes, −∞ for excluded ones. */
export function biasesOf(index: ReferenceIndex & Filter, bucket: number): Float32Array {
  const { first, end } = positionsOf(index, bucket);
  const biases = index.bias?.slice(first, end) ?? new Float32Array(end - first);
  return biases.map((bias, i) => (index.excluded.has(first + i) ? Number.NEGATIVE_INFINITY : bias));
}

/**
 * The terms e^((bias − top) · scale), f32 and 0 for excluded classes, and their sum in f64: of the even and of the odd places where
 * the file has dispersions, and in order in files of format 1.0.
 */
export function weightsOf(
  index: ReferenceIndex,
  biases: Float32Array,
  scale: number,
): { weights: Float32Array; total: number } {
  const { out } = expInto(biases, maxOf(biases), scale);
  const weights = out.map((weight, i) => (at(biases, i) > Number.NEGATIVE_INFINITY ? weight : 0));
  if (index.dispersions === undefined) return { weights, total: weights.reduce((sum, weight) => sum + weight, 0) };
  const lanes = [0, 0];
  for (const [i, weight] of weights.entries()) lanes[i % 2] = (lanes[i % 2] as number) + weight;
  return { weights, total: (lanes[0] as number) + (lanes[1] as number) };
}

/** log w_b at 1 / T = `scale`, in f32. At Infinity it is the largest bias. −∞ without classes. */
export function logWeightAt(index: ReferenceIndex & Filter, bucket: number, scale: number): number {
  const biases = biasesOf(index, bucket);
  const top = maxOf(biases);
  if (top === Number.NEGATIVE_INFINITY || scale === Number.POSITIVE_INFINITY) return top;
  return f32(top * scale + log64(weightsOf(index, biases, scale).total));
}

/** The shares of one bucket at a place among knots: the mean of those at two knots, rounded down, or those of 1 / T = `inverse`. */
function sharesAt(index: ReferenceIndex & Filter, bucket: number, place: KnotPlace, inverse: number): number[] {
  const { low, high, highPart } = placeOfShares(place, inverse);
  if (highPart === 0) return shareOut(index, bucket, inverse);
  const above = shareOut(index, bucket, high);
  const part = BigInt(Math.floor(highPart * 2 ** 32));
  return shareOut(index, bucket, low).map((start, i) => {
    const difference = BigInt((above[i] as number) - start);
    return start + Number((difference * part) >> 32n);
  });
}

/**
 * The shares of one bucket: where each class starts. The share of an excluded class starts where the next class's does, or
 * at 2^31 behind the last.
 */
function shareOut(index: ReferenceIndex & Filter, bucket: number, scale: number): number[] {
  const { weights, total } = weightsOf(index, biasesOf(index, bucket), scale);
  const count = weights.filter((weight) => weight > 0).length;
  return index.dispersions === undefined ? shareSums(weights, total, count) : shareUnits(weights, total, count);
}

/** Each class has one unit and its weight's part of the rest, rounded down. What is left belongs to the last class. */
function shareUnits(weights: Float32Array, total: number, count: number): number[] {
  const perWeight = f32(((ALL_SHARES - count) * (1 - 2 ** -20)) / total);
  let before = 0;
  return Array.from(weights, (weight, i) => {
    const start = before;
    if (weight > 0) before += 1 + Math.floor(f32(weight * perWeight));
    return weights.subarray(i).some((other) => other > 0) ? start : ALL_SHARES;
  });
}

/** Each class has one unit, and the rest is shared out by weight. */
function shareSums(weights: Float32Array, total: number, count: number): number[] {
  const unitsPerWeight = (ALL_SHARES - count) / total;
  let sum = 0;
  let before = 0;
  return Array.from(weights, (weight) => {
    const share = before < count ? before + Math.floor(sum * unitsPerWeight) : ALL_SHARES;
    sum += weight;
    before += Number(weight > 0);
    return share;
  });
}
