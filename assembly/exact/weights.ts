import { BLOCK_SLOTS, GUIDE_STEP, SHARE_BITS } from "../../src/abi";
import { isExcluded } from "../filter";
import { Layout } from "../layout";
import { ALL_SHARES } from "../tail";
import { expInto, log64, maxOf } from "./query";

/**
 * Weighs `count` buckets, given ascending at `list`, or all of them where `list` is 0, by their classes that are not
 * excluded, at the layout's temperature: pi = e^(bias / T), 1 without bias. Leaves for each
 *   - shares: where each class's part of the bucket starts, in units of 2^-31 of it. Integers, so that a class is drawn
 *     with exactly the probability that log Q reports; at least one unit a class, so that none is unreachable, and
 *     none for an excluded one, so that it is;
 *   - bucketLogWeights = log w_b, w_b the sum of pi, and what its slot holds. A bucket without classes leaves an empty
 *     slot and log weight -Infinity.
 * Sums are taken anew, never by subtraction, so weights have the same bits whatever was weighed before.
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
  if (!list) for (group = 0; group < l.codewordCount; group++) weighGroup(l, group); // those without a bucket too
}

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

/** headScores, free between queries: the biases of the classes first..end, -Infinity for an excluded one. Returns how many are not. */
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

/** Shares of the classes first..end, of which `count` are not excluded; returns log of their weight, -Infinity for none. */
function shareOut(l: Layout, first: i32, end: i32, count: i32): f64 {
  const logWeights = l.headScores, weights = l.headPrefix, shares = l.shares + (<usize>first << 2);
  const bytes = <usize>(end - first) << 2;
  const top = maxOf(logWeights, end - first);
  expInto(logWeights, (end - first + 3) & ~3, top, l.inverseTemperature, weights);
  let total: f64 = 0;
  for (let o: usize = 0; o < bytes; o += 4) {
    // exp4 is not 0 where the class is excluded
    const weight = load<f32>(logWeights + o) > -Infinity ? load<f32>(weights + o) : 0;
    store<f32>(weights + o, weight);
    total += <f64>weight;
  }
  // One unit a class, the rest by weight.
  const perWeight = <f64>(ALL_SHARES - <u32>count) / total;
  let sum: f64 = 0, before: u32 = 0;
  for (let o: usize = 0; o < bytes; o += 4) {
    // Excluded classes start where the next class does, and those behind the last at the end, which no number reaches.
    store<u32>(shares + o, before < <u32>count ? before + <u32>(sum * perWeight) : ALL_SHARES);
    const weight = load<f32>(weights + o);
    sum += <f64>weight;
    before += u32(weight > 0);
  }
  placeGuides(l, first, end);
  return <f64>top * <f64>l.inverseTemperature + log64(total);
}

/**
 * shareGuides of a bucket, one for every GUIDE_STEP of its classes from index first / GUIDE_STEP on (no two buckets
 * share one): guide g is the class in whose share the first number of g's part of the whole falls (Chen & Asau 1974).
 */
function placeGuides(l: Layout, first: i32, end: i32): void {
  const guides = <u64>((end - first) / GUIDE_STEP);
  let position = first;
  for (let guide: u64 = 0; guide < guides; guide++) {
    const start = ((guide << SHARE_BITS) + guides - 1) / guides; // least number that positionIn sends to this guide
    while (position + 1 < end && <u64>load<u32>(l.shares + (<usize>position << 2), 4) <= start) position++;
    store<i32>(l.shareGuides + ((<usize>(first / GUIDE_STEP) + <usize>guide) << 2), position);
  }
}

/** groupLogWeights, and slotWeights = w_b / the group's largest, 0 where no bucket is. */
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
