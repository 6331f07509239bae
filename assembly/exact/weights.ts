import { BLOCK_SLOTS } from "../../src/abi";
import { Layout } from "../layout";
import { countAllowed } from "../bucket-weights";
import { exp4 } from "../exp";
import { log64, logWeightAt, maxOf } from "./query";

// The weight of a bucket is w_b, the sum of e^(bias / T) over its classes that are not excluded (docs/method.md, section
// 2). Its logarithm is convex in 1 / T. At a temperature between two knots it is taken on the chord from knot to knot, so
// that a new temperature costs a pass over the buckets and not over the classes:
//
//   log w_b(1 / T) = lowPart · log w_b(knotLow) + highPart · log w_b(knotHigh)
//
// The chord lies above the curve, so w_b stays an upper bound of the sum, which envelopes need. Q is what draws are made
// with, and log Q is exact, whatever the weights are.

/**
 * Writes to `out`, by bucket, log w_b at 1 / T = `scale` of all classes, as logWeightAt does. O(N). Nothing may be excluded.
 */
export function weighKnot(layout: usize, scale: f32, out: usize): void {
  const l = changetype<Layout>(layout);
  for (let bucket = 0; bucket < l.bucketCount; bucket++) {
    const offset = l.bucketOffsets + (<usize>bucket << 2);
    store<f32>(out + (<usize>bucket << 2), logWeightAt(layout, bucket, load<i32>(offset, 4) - load<i32>(offset), scale));
  }
}

/**
 * Sets slotLogWeights of all buckets from the tables of two knots, which hold log w_b by bucket, and all that follows from
 * them. Buckets with excluded classes have to be weighed again (weighBuckets). O(B + blocks).
 */
export function weighSlots(layout: usize, low: usize, high: usize): void {
  const l = changetype<Layout>(layout);
  emptySlots(l);
  const lowParts = f32x4.splat(l.lowPart), highParts = f32x4.splat(l.highPart), isKnot = l.highPart == 0;
  const slots = l.bucketSlots, end = <usize>l.bucketCount << 2;
  // Four buckets a turn. The last turn reads up to three numbers behind the tables, and stores none of them.
  for (let o: usize = 0; o < end; o += 16) {
    const weights = v128.load(low + o);
    const chord = isKnot ? weights : f32x4.add(f32x4.mul(lowParts, weights), f32x4.mul(highParts, v128.load(high + o)));
    storeLogWeight(l, load<i32>(slots + o), f32x4.extract_lane(chord, 0));
    if (o + 4 < end) storeLogWeight(l, load<i32>(slots + o, 4), f32x4.extract_lane(chord, 1));
    if (o + 8 < end) storeLogWeight(l, load<i32>(slots + o, 8), f32x4.extract_lane(chord, 2));
    if (o + 12 < end) storeLogWeight(l, load<i32>(slots + o, 12), f32x4.extract_lane(chord, 3));
  }
  weighGroups(l);
}

/** Sets log w_b of a slot, unless all classes of its bucket are excluded. */
// @ts-ignore: decorator
@inline
function storeLogWeight(l: Layout, slot: i32, logWeight: f32): void {
  const at = <usize>slot << 2;
  if (l.excluded == 0 || load<i32>(l.slotBuckets + at) >= 0) store<f32>(l.slotLogWeights + at, logWeight);
}

/** Sets slotLogWeights of all slots to that of an empty one. */
function emptySlots(l: Layout): void {
  for (let o: usize = 0, end = <usize>l.blockCount * (BLOCK_SLOTS << 2); o < end; o += 16) {
    v128.store(l.slotLogWeights + o, f32x4.splat(-f32.MAX_VALUE));
  }
}

/**
 * Counts the classes that are not excluded in `count` buckets, listed at `list`, or in all buckets if `list` is 0:
 * slotBuckets, slotCounts and their rates. A bucket without classes leaves an empty slot. O(classes of these buckets).
 */
export function countBuckets(layout: usize, list: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  if (!list) count = l.bucketCount;
  for (let i = 0; i < count; i++) {
    const bucket = list ? load<i32>(list + (<usize>i << 2)) : i;
    const offset = l.bucketOffsets + (<usize>bucket << 2);
    const allowed = countAllowed(l, load<i32>(offset), load<i32>(offset, 4));
    const slot = <usize>slotOf(l, bucket) << 2;
    store<i32>(l.slotBuckets + slot, allowed > 0 ? bucket : -1);
    store<i32>(l.slotCounts + slot, allowed);
    store<f32>(l.slotRates + slot, allowed > 0 ? 1 / <f32>allowed : 0);
    store<f32>(l.slotLogRates + slot, logRate(allowed));
  }
}

/** Returns -log of the number of classes, 0 without any. Most buckets under a filter have one, whose logarithm is known. */
function logRate(count: i32): f32 {
  if (count > 1) return <f32>-log64(<f64>count);
  return count == 1 ? -0.0 : 0;
}

/**
 * Weighs `count` buckets, listed in ascending order at `list`, or all buckets if `list` is 0, by their classes that are not
 * excluded, at the layout's temperature: slotLogWeights, and for their groups groupLogWeights and slotWeights. O(classes of these buckets).
 *
 * Sums are computed anew and never by subtraction, so weights have the same bits whatever was weighed before. The slots
 * must be in place (layOutSlots), and the classes counted (countBuckets).
 */
export function weighBuckets(layout: usize, list: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  if (!list) {
    count = l.bucketCount;
    emptySlots(l); // no bucket writes to them
  }
  let group = -1;
  for (let i = 0; i < count; i++) {
    const bucket = list ? load<i32>(list + (<usize>i << 2)) : i;
    const at = load<i32>(l.bucketCodes + (<usize>bucket << 2)) >> l.bits;
    if (list && group != at && group >= 0) weighGroup(l, group);
    group = at;
    const slot = <usize>slotOf(l, bucket) << 2;
    const allowed = load<i32>(l.slotCounts + slot);
    store<f32>(l.slotLogWeights + slot, allowed > 0 ? logWeight(layout, bucket, allowed) : -f32.MAX_VALUE);
  }
  if (list && group >= 0) weighGroup(l, group);
  if (!list) weighGroups(l);
}

/** Returns log w_b of a bucket with `count` classes that are not excluded. */
function logWeight(layout: usize, bucket: i32, count: i32): f32 {
  const l = changetype<Layout>(layout);
  const low = logWeightAt(layout, bucket, count, l.knotLow);
  return l.highPart == 0 ? low : l.lowPart * low + l.highPart * logWeightAt(layout, bucket, count, l.knotHigh);
}

// @ts-ignore: decorator
@inline
function slotOf(l: Layout, bucket: i32): i32 {
  return load<i32>(l.bucketSlots + (<usize>bucket << 2));
}

/** Weighs all groups, those without a bucket too, and pads their weights. */
function weighGroups(l: Layout): void {
  let group = 0;
  for (; group < l.codewordCount; group++) weighGroup(l, group);
  for (; group & 3; group++) store<f32>(l.groupLogWeights + (<usize>group << 2), -Infinity);
}

/** Sets groupLogWeights, and slotWeights = w_b / the group's largest, 0 in empty slots. */
function weighGroup(l: Layout, group: i32): void {
  const blocks = l.groupBlocks + (<usize>group << 2);
  const first = load<i32>(blocks) * BLOCK_SLOTS, count = load<i32>(blocks, 4) * BLOCK_SLOTS - first;
  const logWeights = l.slotLogWeights + (<usize>first << 2), weights = l.slotWeights + (<usize>first << 2);
  const top = count > 0 ? maxOf(logWeights, count) : -f32.MAX_VALUE;
  store<f32>(l.groupLogWeights + (<usize>group << 2), top > -f32.MAX_VALUE ? top : -Infinity);
  const shift = f32x4.splat(top), empty = f32x4.splat(-f32.MAX_VALUE);
  for (let o: usize = 0, end = <usize>count << 2; o < end; o += 16) {
    const logWeight = v128.load(logWeights + o);
    v128.store(weights + o, v128.andnot(exp4(f32x4.sub(logWeight, shift)), f32x4.eq(logWeight, empty)));
  }
}
