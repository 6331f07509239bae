import { BLOCK_SLOTS, GUIDE_STEP, SHARE_BITS } from "../../src/abi";
import { isExcluded } from "../filter";
import { Layout } from "../layout";
import { ALL_SHARES } from "../tail";
import { expInto, log64, maxOf } from "./query";

/**
 * Weighs `count` buckets, listed in ascending order at `list`, or all buckets if `list` is 0, by their classes that are
 * not excluded, at the layout's temperature: pi = e^(bias / T), or 1 without biases (docs/method.md, section 2).
 * O(classes of these buckets). For each bucket it sets
 *
 * - shares: where the share of each class starts, in units of 2^-31 of the bucket. Shares are integers, so a class is
 *   drawn with exactly the probability that log Q reports. Each class has at least one unit, so that it can be drawn,
 *   and an excluded class has none.
 * - bucketLogWeights = log w_b, where w_b is the sum of pi, and the fields of its slot. A bucket without classes leaves
 *   an empty slot and the log weight -Infinity.
 *
 * Sums are computed anew and never by subtraction, so weights have the same bits whatever was weighed before. The slots
 * must be in place (layOutSlots). The kernel uses headScores and headPrefix, so it must not run between `propose` and
 * its answer.
 */
export function weighBuckets(layout: usize, list: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  if (!list) count = l.bucketCount;
  let group = -1;
  for (let i = 0; i < count; i++) {
    const bucket = list ? load<i32>(list + (<usize>i << 2)) : i;
    const at = load<i32>(l.bucketCodes + (<usize>bucket << 2)) >> l.bits;
    if (list && group != at && group >= 0) weighGroup(l, group);
    group = at;
    weighBucket(l, bucket);
  }
  if (list && group >= 0) weighGroup(l, group);
  if (!list) for (group = 0; group < l.codewordCount; group++) weighGroup(l, group); // groups without a bucket too
}

/** Weighs one bucket and fills its slot. */
function weighBucket(l: Layout, bucket: i32): void {
  const offset = l.bucketOffsets + (<usize>bucket << 2);
  const first = load<i32>(offset), end = load<i32>(offset, 4);
  const count = listLogWeights(l, first, end);
  const logWeight = shareOut(l, first, end, count);
  store<f32>(l.bucketLogWeights + (<usize>bucket << 2), <f32>logWeight);

  const slot = <usize>load<i32>(l.bucketSlots + (<usize>bucket << 2)) << 2;
  store<i32>(l.slotBuckets + slot, count > 0 ? bucket : -1);
  store<i32>(l.slotCounts + slot, count);
  store<f32>(l.slotRates + slot, count > 0 ? 1 / <f32>count : 0);
  store<f32>(l.slotLogRates + slot, count > 0 ? <f32>-log64(<f64>count) : 0);
  store<f32>(l.slotLogWeights + slot, count > 0 ? <f32>logWeight : -f32.MAX_VALUE);
}

/**
 * Writes the biases of the classes from `first` up to but not including `end` to headScores, which is free between
 * queries, with -Infinity for excluded classes. Returns how many are not excluded.
 */
function listLogWeights(l: Layout, first: i32, end: i32): i32 {
  let out = l.headScores, count = 0;
  for (let i = first; i < end; i++, out += 4) {
    const excluded = isExcluded(l, i);
    count += i32(!excluded);
    store<f32>(out, excluded ? -Infinity : l.bias ? load<f32>(l.bias + (<usize>i << 2)) : 0);
  }
  for (let i = end - first; i & 3; i++, out += 4) store<f32>(out, -Infinity);
  return count;
}

/**
 * Sets the shares of the classes from `first` up to but not including `end`, of which `count` are not excluded. Returns
 * the logarithm of their weight, -Infinity if there are none.
 */
function shareOut(l: Layout, first: i32, end: i32, count: i32): f64 {
  const logWeights = l.headScores, weights = l.headPrefix, shares = l.shares + (<usize>first << 2);
  const bytes = <usize>(end - first) << 2;
  const top = maxOf(logWeights, end - first);
  expInto(logWeights, (end - first + 3) & ~3, top, l.inverseTemperature, weights);
  let total: f64 = 0;
  for (let o: usize = 0; o < bytes; o += 4) {
    // exp4 is not 0 for an excluded class.
    const weight = load<f32>(logWeights + o) > -Infinity ? load<f32>(weights + o) : 0;
    store<f32>(weights + o, weight);
    total += <f64>weight;
  }
  // Each class gets one unit, and the rest is shared out by weight.
  const perWeight = <f64>(ALL_SHARES - <u32>count) / total;
  let sum: f64 = 0, before: u32 = 0;
  for (let o: usize = 0; o < bytes; o += 4) {
    // An excluded class starts where the next class does. Those behind the last class start at the end, which no number
    // reaches.
    store<u32>(shares + o, before < <u32>count ? before + <u32>(sum * perWeight) : ALL_SHARES);
    const weight = load<f32>(weights + o);
    sum += <f64>weight;
    before += u32(weight > 0);
  }
  placeGuides(l, first, end);
  return <f64>top * <f64>l.inverseTemperature + log64(total);
}

/**
 * Sets the shareGuides of a bucket: one for every GUIDE_STEP of its classes, from index first / GUIDE_STEP on, so that
 * no two buckets share one. Guide g is the class in whose share the first number of g's part of the whole falls (Chen &
 * Asau 1974).
 */
function placeGuides(l: Layout, first: i32, end: i32): void {
  const guides = <u64>((end - first) / GUIDE_STEP);
  let position = first;
  for (let guide: u64 = 0; guide < guides; guide++) {
    const start = ((guide << SHARE_BITS) + guides - 1) / guides; // the smallest number that positionIn sends to this guide
    while (position + 1 < end && <u64>load<u32>(l.shares + (<usize>position << 2), 4) <= start) position++;
    store<i32>(l.shareGuides + ((<usize>(first / GUIDE_STEP) + <usize>guide) << 2), position);
  }
}

/** Sets groupLogWeights, and slotWeights = w_b / the group's largest, 0 in empty slots. */
function weighGroup(l: Layout, group: i32): void {
  const blocks = l.groupBlocks + (<usize>group << 2);
  const first = load<i32>(blocks) * BLOCK_SLOTS, count = load<i32>(blocks, 4) * BLOCK_SLOTS - first;
  const logWeights = l.slotLogWeights + (<usize>first << 2), weights = l.slotWeights + (<usize>first << 2);
  const top = count > 0 ? maxOf(logWeights, count) : -f32.MAX_VALUE;
  store<f32>(l.groupLogWeights + (<usize>group << 2), top > -f32.MAX_VALUE ? top : -Infinity);
  expInto(logWeights, count, top, 1, weights);
  for (let o: usize = 0, end = <usize>count << 2; o < end; o += 16) {
    const empty = i32x4.shr_s(v128.load(l.slotBuckets + (<usize>first << 2) + o), 31);
    v128.store(weights + o, v128.andnot(v128.load(weights + o), empty));
  }
}
