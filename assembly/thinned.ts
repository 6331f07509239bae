import { LARGE_BUCKET, SHARE_BITS } from "../src/abi";
import { lastAtMost } from "./bisect";
import { besideCoded, codedFrom, drawnUnits, endOfCoded, firstCoded } from "./coded";
import { drawBuckets } from "./draw-buckets";
import { bitAt, isThinnedOut } from "./filter";
import { Layout, Search } from "./layout";
import { weighTail } from "./search";
import { ALL_SHARES, shareStart } from "./shares";
import { positionIn, unitsOf } from "./tail";

/**
 * Like estimateTail, with draws among the classes that are not thinned out and the weights of all classes. A draw takes a bucket by
 * its whole mass and then one of the classes that are left by its share among them, so x is multiplied by A, the part of the
 * bucket that is left. From a large bucket it takes any class, and x = 0 if this one is not left: then A is 0 or 1. Leaves the
 * means of A and A² in keptShare and keptSquare.
 *
 * Classes that are in the head by their codes are not left.
 */
export function estimateThinned(layout: usize, draws: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  const count = changetype<Search>(l.search).tailTotal > 0 ? draws : 0;
  const kept = drawLeft(l, count, seed, true);
  weighTail(layout, count, kept);
}

/**
 * Leaves the means of A and A² of other draws in keptShare and keptSquare, NaN without a tail. It reads neither rows nor
 * weights, which take most of the time of a draw, and must run before codes enter the head.
 */
export function pilotThinned(layout: usize, draws: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  drawLeft(l, changetype<Search>(l.search).tailTotal > 0 ? draws : 0, seed, false);
}

/**
 * Makes `count` draws and returns how many of them took a class that is left. With `isListed` these are in drawPositions and
 * drawFactors, in order.
 */
function drawLeft(l: Layout, count: i32, seed: u64, isListed: bool): i32 {
  const s = changetype<Search>(l.search), layout = changetype<usize>(l);
  drawBuckets(layout, count, seed);
  let coded = firstCoded(l), kept = 0, parts: f64 = 0, squares: f64 = 0;
  for (let j: usize = 0; j < <usize>count; j++) {
    const bucket = load<i32>(l.drawPositions + (j << 2)), random = load<u32>(l.drawScores + (j << 2));
    const offset = l.bucketOffsets + (<usize>bucket << 2);
    const end = load<i32>(offset, 4), isLarge = end - load<i32>(offset) > LARGE_BUCKET;
    coded = codedFrom(l, coded, bucket);
    const drawn = <i64>drawnUnits(l, coded, end);
    const units = isLarge ? drawn : unitsLeft(l, coded, bucket);
    if (units == 0) continue;
    const position = isLarge ? positionIn(layout, bucket, besideCoded(l, coded, bucket, random)) : -1;
    if (isLarge && isThinnedOut(l, position)) continue;
    const part = <f64>units / <f64>drawn;
    parts += part;
    squares += part * part;
    if (isListed) {
      const own = isLarge ? position : positionLeft(l, coded, bucket, (units * <i64>random) >> 32);
      const factor = load<f64>(l.drawFactors + (j << 3)) * (<f64>units / <f64>unitsOf(l, own, end));
      store<i32>(l.drawPositions + (<usize>kept << 2), own);
      store<f64>(l.drawFactors + (<usize>kept << 3), factor);
    }
    kept++;
  }
  s.keptShare = parts / <f64>count;
  s.keptSquare = squares / <f64>count;
  return kept;
}

/** Returns the sum of the shares of the classes of the bucket that are left. `coded` is that of codedFrom. Shares must be in place. */
function unitsLeft(l: Layout, coded: usize, bucket: i32): i64 {
  if (!l.thinnedBits) return <i64>sumLeft(l, coded, bucket);
  return 2 * <i64>ALL_SHARES - besideOthers(l, coded, bucket, ALL_SHARES);
}

/**
 * Returns the position of the class in whose share `unit` falls, where the shares of the classes that are left lie end to end.
 * unitsLeft must have summed them last.
 */
function positionLeft(l: Layout, coded: usize, bucket: i32, unit: i64): i32 {
  const offset = l.bucketOffsets + (<usize>bucket << 2), first = load<i32>(offset);
  if (!l.thinnedBits) return first + 1 + lastAtMost<u32>(l.drawLogQ, load<i32>(offset, 4) - first, <u32>unit);
  return positionIn(changetype<usize>(l), bucket, <u32>besideOthers(l, coded, bucket, unit) << (32 - SHARE_BITS));
}

/**
 * Returns the sum of the shares of the classes of a bucket, of at most LARGE_BUCKET, that a bitmap leaves, and leaves the sums up to
 * and with each class, u32, in drawLogQ, which nothing uses before draws are weighed.
 */
function sumLeft(l: Layout, coded: usize, bucket: i32): u32 {
  const offset = l.bucketOffsets + (<usize>bucket << 2), end = load<i32>(offset, 4), endCoded = endOfCoded(l);
  const ids = l.ids, bitmap = l.thinned;
  let units: u32 = 0, out = l.drawLogQ;
  for (let position = load<i32>(offset); position < end; position++, out += 4) {
    if (coded < endCoded && load<i32>(coded) == position) coded += 4;
    else units += unitsOf(l, position, end) & -bitAt(bitmap, load<u32>(ids + (<usize>position << 2)));
    store<u32>(out, units);
  }
  return units;
}

/**
 * Returns `unit` with the shares of the classes in front of it that are not left: where it lies among the shares of all classes
 * of the bucket. Most buckets have no such class, so this takes a fifth of the time of summing the shares.
 */
function besideOthers(l: Layout, coded: usize, bucket: i32, unit: i64): i64 {
  const offset = l.bucketOffsets + (<usize>bucket << 2), end = load<i32>(offset, 4), endCoded = endOfCoded(l);
  let position = load<i32>(offset);
  while ((position = firstThinnedOut(l, position, end)) < end || (coded < endCoded && load<i32>(coded) < end)) {
    if (coded < endCoded && load<i32>(coded) < position) {
      position = load<i32>(coded);
      coded += 4;
    }
    if (unit < <i64>shareStart(l, position)) break;
    unit += unitsOf(l, position++, end);
  }
  return unit;
}

/** Returns the position of the first class from `position` up to but not including `end` that is thinned out, or `end`. */
function firstThinnedOut(l: Layout, position: i32, end: i32): i32 {
  for (; position < end; position = (position | 63) + 1) {
    const bits = load<u64>(l.thinnedBits + (<usize>(position >> 6) << 3)) >> <u64>(position & 63);
    if (bits) return min(position + <i32>ctz(bits), end);
  }
  return end;
}
