import { GUIDE_STEP, SHARE_BITS } from "../src/abi";
import { countAllowed, sumWeights, topBias } from "./bucket-weights";
import { prefixLanesI32 } from "./lanes";
import { Layout } from "./layout";

/** The shares of a whole bucket. */
export const ALL_SHARES: u32 = 1 << SHARE_BITS;

/** The part of a bucket that rounding to f32 can add to the products of weights. It is left to the last class. */
const ROUNDING: f64 = 0.00000095367431640625; // 2^-20

/**
 * Makes the shares of the classes of `bucket` that are not excluded, unless they are in place:
 * where the share of each class starts, in units of 2^-31 of the bucket. Shares are integers, so a class is drawn with
 * exactly the probability that log Q reports. Each class has at least one unit, so that it can be drawn, and an excluded
 * class has none. O(classes of the bucket).
 *
 * A query needs the shares of the buckets that it draws from, which are few. So those of a table that is new wait until
 * they are needed, and their guides until the second query with it: to place them for the first took 5 % of its time
 * with 100,000 classes and 12 % with 1,000,000 (bench/conditions.ts). shareStamps says which buckets have what.
 */
export function ensureShares(l: Layout, bucket: i32): void {
  const o = <usize>bucket << 2;
  if (lacksShares(l, l.shareStamps + o, l.shareStamp)) makeShares(l, bucket, false);
  if (l.highSharePart && lacksShares(l, l.highShareStamps + o, l.highShareStamp)) makeShares(l, bucket, true);
}

/** Returns whether the bucket whose stamp is at `made` lacks shares, or guides that it is to have. */
// @ts-ignore: decorator
@inline
function lacksShares(l: Layout, made: usize, stamp: u32): bool {
  const own = load<u32>(made);
  return own != stamp + 1 && (own != stamp || l.placesGuides != 0);
}

/** Makes what a bucket lacks in one of the two tables. */
function makeShares(l: Layout, bucket: i32, isHigh: bool): void {
  const made = (isHigh ? l.highShareStamps : l.shareStamps) + (<usize>bucket << 2);
  const stamp = isHigh ? l.highShareStamp : l.shareStamp, shares = isHigh ? l.highShares : l.shares;
  if (load<u32>(made) - stamp > 1) {
    shareOut(l, bucket, isHigh ? l.highShareScale : l.shareScale, shares);
    if (l.mixedSharePart) mixShares(l, bucket);
  }
  if (l.placesGuides) placeGuides(l, bucket, shares, isHigh ? l.highShareGuides : l.shareGuides);
  store<u32>(made, stamp + l.placesGuides);
}

/** Puts the mean of the shares of two knots in place of those of the knot below. */
function mixShares(l: Layout, bucket: i32): void {
  const offset = l.bucketOffsets + (<usize>bucket << 2);
  const first = <usize>load<i32>(offset) << 2, end = <usize>load<i32>(offset, 4) << 2, high = l.mixedShares - first;
  shareOut(l, bucket, l.highShareScale, high);
  for (let o = first; o < end; o += 4) {
    store<u32>(l.shares + o, meanOf(load<u32>(l.shares + o), load<u32>(high + o), l.mixedSharePart));
  }
}

/**
 * Returns where the share of the class at `position` starts, in units, of a bucket that has shares (ensureShares). Between two
 * knots it is the mean of theirs by highSharePart, rounded down. So every class keeps at least one unit.
 */
// @ts-ignore: decorator
@inline
export function shareStart(l: Layout, position: i32): u32 {
  const o = <usize>position << 2, low = load<u32>(l.shares + o);
  if (!l.highSharePart) return low;
  return meanOf(low, load<u32>(l.highShares + o), l.highSharePart);
}

// @ts-ignore: decorator
@inline
function meanOf(low: u32, high: u32, highPart: u32): u32 {
  return low + <u32>(((<i64>high - <i64>low) * <i64>highPart) >> 32);
}

/** Returns whether a bucket that has shares has all guides, too. */
// @ts-ignore: decorator
@inline
function hasGuides(l: Layout, bucket: i32): bool {
  const o = <usize>bucket << 2;
  return load<u32>(l.shareStamps + o) > l.shareStamp && (!l.highSharePart || load<u32>(l.highShareStamps + o) > l.highShareStamp);
}

/**
 * Returns the positions among which positionIn finds the class of `bucket` at `unit`: the first one, and in the upper half the
 * one behind the last. Between two knots the class lies between those of the knots.
 */
export function guided(l: Layout, bucket: i32, unit: u32): u64 {
  const offset = l.bucketOffsets + (<usize>bucket << 2);
  let first = load<i32>(offset), end = load<i32>(offset, 4);
  const count = end - first;
  if (count > GUIDE_STEP && hasGuides(l, bucket)) {
    const guides = count / GUIDE_STEP, guide = <i32>((<u64>unit * <u64>guides) >> SHARE_BITS), isLast = guide + 1 == guides;
    const o = <usize>(first / GUIDE_STEP + guide) << 2;
    first = load<i32>(l.shareGuides + o);
    if (!isLast) end = load<i32>(l.shareGuides + o, 4) + 1;
    if (l.highSharePart) {
      first = min(first, load<i32>(l.highShareGuides + o));
      if (!isLast) end = max(end, load<i32>(l.highShareGuides + o, 4) + 1);
    }
  }
  return <u64>first | (<u64>end << 32);
}

/**
 * Makes the shares of `bucket` unless they are in place, and reads the cache lines of those at which positionIn starts
 * for `random`. Touched for several draws in turn, their misses overlap.
 */
export function touchShares(l: Layout, bucket: i32, random: u32): void {
  ensureShares(l, bucket);
  const o = <usize><u32>guided(l, bucket, random >> (32 - SHARE_BITS)) << 2;
  load<u8>(l.shares + o);
  load<u8>(l.shares + o, GUIDE_STEP << 2);
  if (!l.highSharePart) return;
  load<u8>(l.highShares + o);
  load<u8>(l.highShares + o, GUIDE_STEP << 2);
}

/** Makes the shares of a bucket at 1 / T = `scale`, in the table at `shares`. */
function shareOut(l: Layout, bucket: i32, scale: f32, shares: usize): void {
  const offset = l.bucketOffsets + (<usize>bucket << 2);
  const first = load<i32>(offset), end = load<i32>(offset, 4);
  shares += <usize>first << 2;
  const count = <u32>countAllowed(l, first, end);
  // The weights stand in the place of the shares.
  const total = sumWeights(l, first, end, topBias(l, bucket), scale, shares);
  if (l.dispersionBuckets) shareUnits(shares, end - first, <f32>(<f64>(ALL_SHARES - count) * (1 - ROUNDING) / total));
  else shareSums(shares, end - first, count, total);
}

/**
 * Turns `count` weights into shares of one unit and `perWeight` units for a weight of 1, rounded down. The rest belongs to the
 * last class. Sums of integers do not depend on their order, so this takes a third of the time of shareSums.
 */
function shareUnits(shares: usize, count: i32, perWeight: f32): void {
  const scales = f32x4.splat(perWeight);
  let before = i32x4.splat(0), p = shares;
  for (const whole = p + (<usize>(count & ~3) << 2); p < whole; p += 16) {
    const units = unitsOfWeights(v128.load(p), scales);
    const sums = i32x4.add(before, prefixLanesI32(units));
    v128.store(p, i32x4.sub(sums, units));
    before = v128.shuffle<i32>(sums, sums, 3, 3, 3, 3);
  }
  const left = count & 3;
  if (left > 0) {
    const isOwn = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(left));
    const units = v128.and(unitsOfWeights(v128.load(p), scales), isOwn);
    const sums = i32x4.add(before, prefixLanesI32(units)), starts = i32x4.sub(sums, units);
    store<i32>(p, i32x4.extract_lane(starts, 0)); // the values behind it belong to the next bucket
    if (left > 1) store<i32>(p, i32x4.extract_lane(starts, 1), 4);
    if (left > 2) store<i32>(p, i32x4.extract_lane(starts, 2), 8);
    before = sums;
  }
  // Excluded classes behind the last one start at the end, which no number reaches.
  const end = i32x4.extract_lane(before, 3);
  for (p = shares + (<usize>(count - 1) << 2); p >= shares && load<i32>(p) == end; p -= 4) store<u32>(p, ALL_SHARES);
}

/** Returns the units of four weights, none for an excluded class: it starts where the next class does. They are below 2^31. */
// @ts-ignore: decorator
@inline
function unitsOfWeights(weights: v128, perWeight: v128): v128 {
  const units = i32x4.add(i32x4.trunc_sat_f32x4_s(f32x4.mul(weights, perWeight)), i32x4.splat(1));
  return v128.and(units, f32x4.gt(weights, f32x4.splat(0)));
}

/** Turns `count` weights of the sum `total`, `allowed` of which are not 0, into shares. Files of format 1.0 have these. */
function shareSums(shares: usize, count: i32, allowed: u32, total: f64): void {
  // Each class gets one unit, and the rest is shared out by weight.
  const perWeight = <f64>(ALL_SHARES - allowed) / total;
  let sum: f64 = 0, before: u32 = 0;
  for (let p = shares, end = shares + (<usize>count << 2); p < end; p += 4) {
    const weight = load<f32>(p);
    // An excluded class starts where the next class does. Those behind the last class start at the end, which no number
    // reaches.
    store<u32>(p, before < allowed ? before + <u32>(sum * perWeight) : ALL_SHARES);
    sum += <f64>weight;
    before += u32(weight > 0);
  }
}

/**
 * Sets the guides of a bucket into its shares: one for every GUIDE_STEP of its classes, from index first / GUIDE_STEP on, so that
 * no two buckets share one. Guide g is the class in whose share the first number of g's part of the whole falls (Chen &
 * Asau 1974).
 */
function placeGuides(l: Layout, bucket: i32, shares: usize, places: usize): void {
  const offset = l.bucketOffsets + (<usize>bucket << 2);
  const first = load<i32>(offset), end = load<i32>(offset, 4);
  const guides = <u64>((end - first) / GUIDE_STEP);
  let position = first;
  for (let guide: u64 = 0; guide < guides; guide++) {
    const start = ((guide << SHARE_BITS) + guides - 1) / guides; // the smallest number that positionIn sends to this guide
    while (position + 1 < end && <u64>load<u32>(shares + (<usize>position << 2), 4) <= start) position++;
    store<i32>(places + ((<usize>(first / GUIDE_STEP) + <usize>guide) << 2), position);
  }
}
