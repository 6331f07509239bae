import { BLOCK_SLOTS } from "../../src/abi";
import { Layout } from "../layout";
import { exp4 } from "../exp";
import { logWeightAt, maxOf } from "./query";

// The weight of a bucket is w_b, the sum of e^(bias / T) over its classes that are not excluded (docs/method.md, section
// 2). Its logarithm is convex in 1 / T. At a temperature between two knots it is taken on the chord from knot to knot, so
// that a new temperature costs a pass over the buckets and not over the classes:
//
//   log w_b(1 / T) = lowPart · log w_b(knotLow) + highPart · log w_b(knotHigh)
//
// The chord lies above the curve, so w_b stays an upper bound of the sum, which envelopes need. Q is what draws are made
// with, and log Q is exact, whatever the weights are.

/** Writes to `out`, by bucket, log w_b at 1 / T = `scale` of all classes, whatever is excluded, as logWeightAt does. O(N). */
export function weighKnot(layout: usize, scale: f32, out: usize): void {
  const l = changetype<Layout>(layout), excluded = l.excluded;
  l.excluded = 0;
  for (let bucket = 0; bucket < l.bucketCount; bucket++) {
    const offset = l.bucketOffsets + (<usize>bucket << 2);
    store<f32>(out + (<usize>bucket << 2), logWeightAt(layout, bucket, load<i32>(offset, 4) - load<i32>(offset), scale));
  }
  l.excluded = excluded;
}

/**
 * Sets slotLogWeights of all buckets from the tables of two knots, which hold log w_b by bucket, and all that follows from
 * them. Buckets with excluded classes have to be weighed again (weighBuckets). O(B + blocks).
 */
export function weighSlots(layout: usize, low: usize, high: usize): void {
  const l = changetype<Layout>(layout), bytes = <usize>l.bucketCount << 2;
  memory.copy(logsAt(l, 0), low, bytes);
  memory.copy(logsAt(l, 1), high, bytes);
  weighFiltered(layout, 0, 0);
}

/**
 * Weighs `count` buckets, listed in ascending order at `list`, or all buckets if `list` is 0, by log w_b at the knots (logsAt): on the
 * chord between them, if the temperature lies between two. O(these buckets and the blocks of their groups).
 */
export function weighFiltered(layout: usize, list: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  if (!list) count = l.bucketCount;
  const low = logsAt(l, 0), high = logsAt(l, 1);
  const lowParts = f32x4.splat(l.lowPart), highParts = f32x4.splat(l.highPart);
  // The last turn reads and writes up to three numbers behind the last.
  for (let o: usize = 0, end = <usize>count << 2; o < end; o += 16) {
    let logs = v128.load(low + o);
    if (l.highPart != 0) logs = f32x4.add(f32x4.mul(lowParts, logs), f32x4.mul(highParts, v128.load(high + o)));
    v128.store(low + o, f32x4.pmax(logs, f32x4.splat(-f32.MAX_VALUE))); // NaN stays
  }
  storeLogWeights(l, list, count);
}

/** Returns where log w_b at the knot below are, in the order of a list, or those at the knot above. */
// @ts-ignore: decorator
@inline
export function logsAt(l: Layout, isHigh: i32): usize {
  return isHigh ? l.candidateCounts : l.candidateKeys;
}

/** Sets slotLogWeights of all slots to that of an empty one. */
function emptySlots(l: Layout): void {
  for (let o: usize = 0, end = <usize>l.blockCount * (BLOCK_SLOTS << 2); o < end; o += 16) {
    v128.store(l.slotLogWeights + o, f32x4.splat(-f32.MAX_VALUE));
  }
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
  if (!list) count = l.bucketCount;
  memory.fill(logsAt(l, 0), 0xff, <usize>count << 2); // NaN
  storeLogWeights(l, list, count);
}

/**
 * Sets slotLogWeights of `count` buckets, listed at `list`, or of all if `list` is 0, to the logarithms in place (logsAt), and what
 * follows. NaN stands for a weight that has to be summed.
 */
function storeLogWeights(l: Layout, list: usize, count: i32): void {
  if (!list) emptySlots(l); // no bucket writes to them
  const weights = l.slotLogWeights, slots = l.bucketSlots, logWeights = logsAt(l, 0);
  for (let i: usize = 0, end = <usize>count << 2; i < end; i += 4) {
    const bucket = list ? load<i32>(list + i) : <i32>(i >> 2);
    let value = load<f32>(logWeights + i);
    if (isNaN(value)) value = summedLogWeight(l, bucket);
    store<f32>(weights + (<usize>load<i32>(slots + (<usize>bucket << 2)) << 2), value);
  }
  weighGroupsOf(l, list, count);
}

/** Weighs the groups of the buckets of a list, or all groups if `list` is 0. */
function weighGroupsOf(l: Layout, list: usize, count: i32): void {
  if (!list) {
    weighGroups(l);
    return;
  }
  let group = -1;
  for (const end = list + (<usize>count << 2); list < end; list += 4) {
    const at = load<i32>(l.bucketCodes + (<usize>load<i32>(list) << 2)) >> l.bits;
    if (at != group) weighGroup(l, at);
    group = at;
  }
}

/** Returns log w_b, summed over the classes of a bucket that are not excluded, or the smallest f32 without one. */
function summedLogWeight(l: Layout, bucket: i32): f32 {
  const layout = changetype<usize>(l), slot = <usize>slotOf(l, bucket) << 2;
  const count = load<i32>(l.slotCounts + slot);
  if (count == 0) return -f32.MAX_VALUE;
  if (!l.bias) return -load<f32>(l.slotLogRates + slot);
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
