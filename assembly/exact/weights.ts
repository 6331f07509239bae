import { Layout, Search } from "../layout";
import { exp4 } from "../exp";
import { maxLanes } from "../lanes";
import { logWeightAt } from "./query";

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
 * Sets bucketLogWeights from the tables of two knots, which hold log w_b by bucket, and all that follows from them. Buckets with
 * excluded classes have to be weighed again (weighBuckets). O(B).
 */
export function weighSlots(layout: usize, low: usize, high: usize): void {
  const l = changetype<Layout>(layout);
  interpolate(l, low, high, l.bucketCount, l.bucketLogWeights);
  weighGroups(l);
}

/**
 * Weighs `count` buckets, listed in ascending order at `list`, or all buckets if `list` is 0, by log w_b at the knots (logsAt):
 * on the chord between them, if the temperature lies between two. O(these buckets and the buckets of their groups).
 */
export function weighFiltered(layout: usize, list: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  if (!list) count = l.bucketCount;
  interpolate(l, logsAt(l, list, 0), logsAt(l, list, 1), count, logsAt(l, list, 0));
  storeLogWeights(l, list, count);
}

/**
 * Returns where log w_b at the knot below are, or those at the knot above: in the order of `list`, or of all buckets if it is 0.
 */
// @ts-ignore: decorator
@inline
export function logsAt(l: Layout, list: usize, isHigh: i32): usize {
  if (isHigh) return l.candidateCounts;
  return list ? l.candidateKeys : l.bucketLogWeights;
}

/**
 * Writes `count` values of log w_b to `out`: those on the chord from the values at `low` to those at `high`. It reads and writes
 * up to three numbers behind the last.
 */
function interpolate(l: Layout, low: usize, high: usize, count: i32, out: usize): void {
  const lowParts = f32x4.splat(l.lowPart), highParts = f32x4.splat(l.highPart), least = f32x4.splat(-f32.MAX_VALUE);
  for (let o: usize = 0, end = <usize>count << 2; o < end; o += 16) {
    let logs = v128.load(low + o);
    if (l.highPart != 0) logs = f32x4.add(f32x4.mul(lowParts, logs), f32x4.mul(highParts, v128.load(high + o)));
    v128.store(out + o, f32x4.pmax(logs, least)); // NaN stays
  }
}

/**
 * Weighs `count` buckets, listed in ascending order at `list`, or all buckets if `list` is 0, by their classes that are not
 * excluded, at the layout's temperature: bucketLogWeights, and for their groups groupLogWeights and slotWeights. O(classes of
 * these buckets).
 *
 * Sums are computed anew and never by subtraction, so weights have the same bits whatever was weighed before. The slots
 * must be in place (layOutSlots), and the classes counted (countBuckets).
 */
export function weighBuckets(layout: usize, list: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  if (!list) count = l.bucketCount;
  memory.fill(logsAt(l, list, 0), 0xff, <usize>count << 2); // NaN
  storeLogWeights(l, list, count);
}

/**
 * Sets bucketLogWeights of `count` buckets, listed at `list`, or of all if `list` is 0, to the logarithms in place (logsAt), and
 * everything that follows from them. NaN stands for a weight that has to be summed.
 */
function storeLogWeights(l: Layout, list: usize, count: i32): void {
  sumMissing(l, list, count);
  if (!list) weighGroups(l);
  else storeListed(l, list, count);
}

/** Sums the weights that NaN stands for. */
function sumMissing(l: Layout, list: usize, count: i32): void {
  const logs = logsAt(l, list, 0), end = <usize>count << 2;
  for (let o: usize = 0; o < end; o += 16) {
    const four = v128.load(logs + o);
    if (!v128.any_true(f32x4.ne(four, four))) continue;
    for (let i = o; i < min(o + 16, end); i += 4) {
      if (!isNaN(load<f32>(logs + i))) continue;
      store<f32>(logs + i, summedLogWeight(l, list ? load<i32>(list + i) : <i32>(i >> 2)));
    }
  }
}

/** Weighs all groups. */
function weighGroups(l: Layout): void {
  let group = 0;
  for (; group < l.codewordCount; group++) weighGroup(l, group);
  for (; group & 3; group++) store<f32>(l.groupLogWeights + (<usize>group << 2), -Infinity);
  changetype<Search>(l.search).placedWeights = 0;
}

/**
 * Sets groupLogWeights of a group from the logarithms of its buckets, and their slotWeights = w_b / the group's largest.
 * Exponentials are taken bucket by bucket: with 20,000 buckets in 65,000 slots this takes half of the time that it takes slot
 * by slot. Slots without a bucket stay as layOutSlots leaves them.
 */
function weighGroup(l: Layout, group: i32): void {
  const logs = l.bucketLogWeights, slots = l.bucketSlots, weights = l.slotWeights;
  const first = <usize>load<i32>(l.groupBuckets + (<usize>group << 2)) << 2;
  const end = <usize>load<i32>(l.groupBuckets + (<usize>group << 2), 4) << 2;
  const top = largest(logs + first, logs + end);
  store<f32>(l.groupLogWeights + (<usize>group << 2), top > -f32.MAX_VALUE ? top : -Infinity);
  const shift = f32x4.splat(top), least = f32x4.splat(-f32.MAX_VALUE);
  for (let o = first; o < end; o += 16) {
    const four = v128.load(logs + o);
    const quotients = v128.andnot(exp4(f32x4.sub(four, shift)), f32x4.eq(four, least));
    scatter(weights, slots + o, quotients, <i32>(end - o) >> 2);
  }
}

/** Stores the first `count` of four f32, or all, in the slots that are listed at `slots`, in ascending order. */
// @ts-ignore: decorator
@inline
function scatter(out: usize, slots: usize, values: v128, count: i32): void {
  const first = out + (<usize>load<i32>(slots) << 2);
  if (count >= 4) {
    const last = out + (<usize>load<i32>(slots, 12) << 2);
    if (last - first == 12) { // two of five times, which saves 6 %
      v128.store(first, values);
      return;
    }
    v128.store_lane<f32>(first, values, 0);
    v128.store_lane<f32>(out + (<usize>load<i32>(slots, 4) << 2), values, 1);
    v128.store_lane<f32>(out + (<usize>load<i32>(slots, 8) << 2), values, 2);
    v128.store_lane<f32>(last, values, 3);
    return;
  }
  v128.store_lane<f32>(first, values, 0);
  if (count > 1) v128.store_lane<f32>(out + (<usize>load<i32>(slots, 4) << 2), values, 1);
  if (count > 2) v128.store_lane<f32>(out + (<usize>load<i32>(slots, 8) << 2), values, 2);
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
 * Sets bucketLogWeights of listed buckets to the logarithms in place, and weighs their groups. The other weights of a group stay
 * as they are if its largest does.
 */
function storeListed(l: Layout, list: usize, count: i32): void {
  const codes = l.bucketCodes, end = list + (<usize>count << 2);
  for (let logs = logsAt(l, list, 0), first = list; first < end; ) {
    const group = load<i32>(codes + (<usize>load<i32>(first) << 2)) >> l.bits;
    const top = load<f32>(l.groupLogWeights + (<usize>group << 2));
    let behind = first, isSame = top > -f32.MAX_VALUE;
    for (; behind < end && load<i32>(codes + (<usize>load<i32>(behind) << 2)) >> l.bits == group; behind += 4, logs += 4) {
      const at = l.bucketLogWeights + (<usize>load<i32>(behind) << 2), log = load<f32>(logs);
      isSame = isSame && log <= top && (log == top || load<f32>(at) != top);
      store<f32>(at, log);
    }
    if (isSame) weighListed(l, first, behind, top);
    else weighGroup(l, group);
    first = behind;
  }
  changetype<Search>(l.search).placedWeights = 0;
}

/** Sets slotWeights of the buckets from `list` up to but not including `end`, which are of one group, as weighGroup does. */
function weighListed(l: Layout, list: usize, end: usize, top: f32): void {
  for (; list < end; list += 4) {
    const bucket = <usize>load<i32>(list) << 2, log = load<f32>(l.bucketLogWeights + bucket);
    const weight = f32x4.extract_lane(exp4(f32x4.splat(log - top)), 0);
    store<f32>(l.slotWeights + (<usize>load<i32>(l.bucketSlots + bucket) << 2), log > -f32.MAX_VALUE ? weight : 0);
  }
}

/** Returns log w_b, summed over the classes of a bucket that are not excluded, or the smallest f32 without one. */
function summedLogWeight(l: Layout, bucket: i32): f32 {
  const layout = changetype<usize>(l), slot = <usize>load<i32>(l.bucketSlots + (<usize>bucket << 2)) << 2;
  const count = load<i32>(l.slotCounts + slot);
  if (count == 0) return -f32.MAX_VALUE;
  if (!l.bias) return -load<f32>(l.slotLogRates + slot);
  const low = logWeightAt(layout, bucket, count, l.knotLow);
  return l.highPart == 0 ? low : l.lowPart * low + l.highPart * logWeightAt(layout, bucket, count, l.knotHigh);
}
