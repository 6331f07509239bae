import { LARGE_BUCKET } from "../src/abi";
import { besideCoded, codedFrom, drawnUnits, endOfCoded, firstCoded } from "./coded";
import { drawBuckets } from "./draw-buckets";
import { isThinnedOut } from "./filter";
import { Layout, Search } from "./layout";
import { weighTail } from "./search";
import { positionIn, unitsOf } from "./tail";

/**
 * Like estimateTail, with draws among the classes that a bitmap leaves and the weights of all classes. A draw takes a bucket by
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
    const units = isLarge ? drawn : walk(l, coded, bucket, i64.MAX_VALUE);
    if (units == 0) continue;
    const position = isLarge ? positionIn(layout, bucket, besideCoded(l, coded, bucket, random)) : -1;
    if (isLarge && isThinnedOut(l, position)) continue;
    const part = <f64>units / <f64>drawn;
    parts += part;
    squares += part * part;
    if (isListed) {
      const own = isLarge ? position : <i32>walk(l, coded, bucket, (units * <i64>random) >> 32);
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

/**
 * Lays the shares of the classes of the bucket that are left end to end, and returns the position of the class in whose share
 * `unit` falls, or the sum of these shares if it is not above `unit`. `coded` is that of codedFrom. Shares must be in place.
 */
function walk(l: Layout, coded: usize, bucket: i32, unit: i64): i64 {
  const offset = l.bucketOffsets + (<usize>bucket << 2), end = load<i32>(offset, 4), endCoded = endOfCoded(l);
  let units: i64 = 0;
  for (let position = load<i32>(offset); position < end; position++) {
    if (coded < endCoded && load<i32>(coded) == position) coded += 4;
    else if (!isThinnedOut(l, position)) units += unitsOf(l, position, end);
    if (units > unit) return position;
  }
  return units;
}
