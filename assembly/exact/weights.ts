import { BLOCK_SLOTS } from "../../src/abi";
import { Layout } from "../layout";
import { exp4 } from "../exp";
import { maxLanes } from "../lanes";
import { logWeightAt, maxOf } from "./query";

// The weight of a bucket is w_b, the sum of e^(bias / T) over its classes that are not excluded (docs/method.md, section
// 2). Its logarithm is convex in 1 / T. At a temperature between two knots it is taken on the chord from knot to knot, so
// that a new temperature costs a pass over the buckets and not over the classes:
//
//   log w_b(1 / T) = lowPart · log w_b(knotLow) + highPart · log w_b(knotHigh)
//
// The chord lies above the curve, so w_b stays an upper bound of the sum, which envelopes need. Draws are made from Q, and log
// Q is exact, whatever the weights are.

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
 * them. Buckets with excluded classes have to be weighed again (weighBuckets). O(B).
 */
export function weighSlots(layout: usize, low: usize, high: usize): void {
  const l = changetype<Layout>(layout);
  interpolate(l, low, high, l.bucketCount);
  storeAll(l);
}

/**
 * Weighs `count` buckets, listed in ascending order at `list`, or all buckets if `list` is 0, by log w_b at the knots (logsAt):
 * on the chord between them, if the temperature lies between two. O(these buckets and the blocks of their groups).
 */
export function weighFiltered(layout: usize, list: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  if (!list) count = l.bucketCount;
  interpolate(l, logsAt(l, 0), logsAt(l, 1), count);
  storeLogWeights(l, list, count);
}

/** Returns where log w_b at the knot below are, in the order of a list, or those at the knot above. */
// @ts-ignore: decorator
@inline
export function logsAt(l: Layout, isHigh: i32): usize {
  return isHigh ? l.candidateCounts : l.candidateKeys;
}

/**
 * Puts `count` values of log w_b in place (logsAt): the ones on the chord from the values at `low` to those at `high`. It reads
 * and writes up to three numbers behind the last.
 */
function interpolate(l: Layout, low: usize, high: usize, count: i32): void {
  const out = logsAt(l, 0);
  const lowParts = f32x4.splat(l.lowPart), highParts = f32x4.splat(l.highPart), least = f32x4.splat(-f32.MAX_VALUE);
  for (let o: usize = 0, end = <usize>count << 2; o < end; o += 16) {
    let logs = v128.load(low + o);
    if (l.highPart != 0) logs = f32x4.add(f32x4.mul(lowParts, logs), f32x4.mul(highParts, v128.load(high + o)));
    v128.store(out + o, f32x4.pmax(logs, least)); // NaN stays
  }
}

/**
 * Weighs `count` buckets, listed in ascending order at `list`, or all buckets if `list` is 0, by their classes that are not
 * excluded, at the layout's temperature: slotLogWeights, and for their groups groupLogWeights and slotWeights. O(classes of
 * these buckets).
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
 * Sets slotLogWeights of `count` buckets, listed at `list`, or of all if `list` is 0, to the logarithms in place (logsAt), and
 * everything that follows from them. NaN stands for a weight that has to be summed.
 */
function storeLogWeights(l: Layout, list: usize, count: i32): void {
  sumMissing(l, list, count);
  if (!list) storeAll(l);
  else storeListed(l, list, count);
}

/** Sums the weights that NaN stands for. */
function sumMissing(l: Layout, list: usize, count: i32): void {
  const logs = logsAt(l, 0), end = <usize>count << 2;
  for (let o: usize = 0; o < end; o += 16) {
    const four = v128.load(logs + o);
    if (!v128.any_true(f32x4.ne(four, four))) continue;
    for (let i = o; i < min(o + 16, end); i += 4) {
      if (!isNaN(load<f32>(logs + i))) continue;
      store<f32>(logs + i, summedLogWeight(l, list ? load<i32>(list + i) : <i32>(i >> 2)));
    }
  }
}

/**
 * Sets slotLogWeights of all buckets to the logarithms in place, and slotWeights and groupLogWeights. Buckets are in the order
 * of their groups, so exponentials are taken bucket by bucket: with 20,000 buckets in 65,000 slots this takes 33 µs, 37 µs
 * with one store after the other, and 75 µs slot by slot. Empty slots stay as layOutSlots leaves them.
 */
function storeAll(l: Layout): void {
  const logs = logsAt(l, 0), slots = l.bucketSlots;
  const least = f32x4.splat(-f32.MAX_VALUE);
  let group = 0;
  for (; group < l.codewordCount; group++) {
    const first = <usize>load<i32>(l.groupBuckets + (<usize>group << 2)) << 2;
    const end = <usize>load<i32>(l.groupBuckets + (<usize>group << 2), 4) << 2;
    const top = largest(logs + first, logs + end);
    store<f32>(l.groupLogWeights + (<usize>group << 2), top > -f32.MAX_VALUE ? top : -Infinity);
    const shift = f32x4.splat(top);
    for (let o = first; o < end; o += 16) {
      const four = v128.load(logs + o), own = <i32>(end - o) >> 2;
      // Two of five times the slots follow one another. To see it saves 6 %.
      if (own >= 4 && load<i32>(slots + o, 12) - load<i32>(slots + o) == 3) {
        const at = <usize>load<i32>(slots + o) << 2;
        v128.store(l.slotLogWeights + at, four);
        v128.store(l.slotWeights + at, v128.andnot(exp4(f32x4.sub(four, shift)), f32x4.eq(four, least)));
        continue;
      }
      const at = i32x4.shl(v128.load(slots + o), 2);
      scatter(l.slotLogWeights, at, four, own);
      scatter(l.slotWeights, at, v128.andnot(exp4(f32x4.sub(four, shift)), f32x4.eq(four, least)), own);
    }
  }
  for (; group & 3; group++) store<f32>(l.groupLogWeights + (<usize>group << 2), -Infinity);
}

/** Stores the first `count` of four f32, or all, at offsets from `out`. */
// @ts-ignore: decorator
@inline
function scatter(out: usize, offsets: v128, values: v128, count: i32): void {
  v128.store_lane<f32>(out + <usize>i32x4.extract_lane(offsets, 0), values, 0);
  if (count > 1) v128.store_lane<f32>(out + <usize>i32x4.extract_lane(offsets, 1), values, 1);
  if (count > 2) v128.store_lane<f32>(out + <usize>i32x4.extract_lane(offsets, 2), values, 2);
  if (count > 3) v128.store_lane<f32>(out + <usize>i32x4.extract_lane(offsets, 3), values, 3);
}

/** Returns the largest f32 from `first` up to but not including `end`, the smallest f32 without one. */
function largest(first: usize, end: usize): f32 {
  let four = f32x4.splat(-f32.MAX_VALUE);
  for (; first + 16 <= end; first += 16) four = f32x4.pmax(four, v128.load(first));
  let top = maxLanes(four);
  for (; first < end; first += 4) top = max(top, load<f32>(first));
  return top;
}

/**
 * Sets slotLogWeights of listed buckets to the logarithms in place, and weighs their groups. The other weights of a group stay
 * as they are if its largest does.
 */
function storeListed(l: Layout, list: usize, count: i32): void {
  const codes = l.bucketCodes, end = list + (<usize>count << 2);
  for (let logs = logsAt(l, 0), first = list; first < end; ) {
    const group = load<i32>(codes + (<usize>load<i32>(first) << 2)) >> l.bits;
    const top = load<f32>(l.groupLogWeights + (<usize>group << 2));
    let behind = first, isSame = top > -f32.MAX_VALUE;
    for (; behind < end && load<i32>(codes + (<usize>load<i32>(behind) << 2)) >> l.bits == group; behind += 4, logs += 4) {
      const at = l.slotLogWeights + (<usize>slotOf(l, load<i32>(behind)) << 2), log = load<f32>(logs);
      isSame = isSame && log <= top && (log == top || load<f32>(at) != top);
      store<f32>(at, log);
    }
    if (isSame) weighListed(l, first, behind, top);
    else weighGroup(l, group);
    first = behind;
  }
}

/** Sets slotWeights of the buckets from `list` up to but not including `end`, which are of one group, as weighGroup does. */
function weighListed(l: Layout, list: usize, end: usize, top: f32): void {
  for (; list < end; list += 4) {
    const slot = <usize>slotOf(l, load<i32>(list)) << 2, log = load<f32>(l.slotLogWeights + slot);
    const weight = f32x4.extract_lane(exp4(f32x4.splat(log - top)), 0);
    store<f32>(l.slotWeights + slot, log > -f32.MAX_VALUE ? weight : 0);
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

/**
 * Sets groupLogWeights of a group from the logarithms in its slots, and slotWeights = w_b / the group's largest, 0 in empty
 * slots.
 */
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
