import { exp4, exp64 } from "./exp";
import { headPositions, LOG_FLOOR, MASS_FLOOR, selectHead } from "./head";
import { maxOf, sumLanes } from "./lanes";
import { Layout, Search } from "./layout";
import { log64 } from "./log";
import { bucketLogMasses, bucketMasses, massesFromLogs, SMALLEST_MAXIMUM, subScores } from "./masses";
import { headPart, headShift, proposalShift, tailPart } from "./parts";
import { scorePositions } from "./score";
import { sumTail } from "./tail";
import { weighDraws } from "./weigh-draws";

/** The number of values that are summed in f32 before the sum is added to an f64. */
const SUM_BLOCK = 256;

/**
 * Makes the proposal of the prepared query (docs/method.md, section 3): the masses of all buckets, the head under
 * `scan` (with at least k classes) and its exact scores, the mass of the tail, and log S' of S' = Z_H + S_T. O(K D + B)
 * and O(D) for each class of the head.
 *
 * The query must be prepared (prepareQuery) and the weights must be those of its conditions (weighBuckets). `scan` and
 * `k` must not be negative, nor larger than the memory plan allows (src/memory/plan.ts).
 */
export function propose(layout: usize, scan: i32, k: i32): void {
  proposeTail(layout, scan, k);
  scoreHead(layout);
  endProposal(layout);
}

/** Chooses the head and sums the tail, as propose does, without scoring the head. O(K D + B). */
export function proposeTail(layout: usize, scan: i32, k: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  subScores(layout);
  let inLogs = !bucketMasses(layout);
  let count = inLogs ? 0 : selectHead(layout, MASS_FLOOR, scan, k);
  if (inLogs || count < min(k, l.allowedCount)) { // too few buckets have a mass in f32: order the rest by logarithms
    inLogs = true;
    bucketLogMasses(layout, 0);
    count = selectHead(layout, LOG_FLOOR, scan, k);
  } else {
    sumTail(layout);
    inLogs = count < l.allowedCount && s.tailTotal < SMALLEST_MAXIMUM; // every mass that is left may be clamped
    if (inLogs) bucketLogMasses(layout, 0);
  }
  if (inLogs) {
    massesFromLogs(layout);
    sumTail(layout);
  }
}

/** Sets logProposal from a head and a tail that are in place. */
export function endProposal(layout: usize): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const shift = proposalShift(l);
  s.logProposal = shift + log64(headPart(l, shift) + tailPart(s, shift));
}

/**
 * Scores the head's classes exactly and sets headCount, headMax and headSum, which is Z_H. headBuckets must be in place
 * (selectHead).
 */
export function scoreHead(layout: usize): void {
  scoreListed(layout, headPositions(layout));
}

/** Like scoreHead, for a head of `count` classes whose positions headPositions lists already. */
export function scoreListed(layout: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  scorePositions(layout, l.headPositions, count, l.headScores);
  s.codedCount = 0;
  s.scored = <f64>count;
  sumScored(layout, count);
  s.logHead = headShift(l) + log64(s.headSum);
}

/** Sets headCount, headMax and headSum of a head of `count` classes whose scores are in place. */
export function sumScored(layout: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  for (let i = count; i & 3; i++) store<f32>(l.headScores + (<usize>i << 2), -Infinity);
  s.headCount = <f64>count;
  s.headMax = count > 0 ? <f64>maxOf(l.headScores, count) : -Infinity;
  s.headSum = count > 0 ? sumExp(l.headScores, count, <f32>s.headMax, l.inverseTemperature) : 0;
}

/**
 * Returns the sum of e^((values[i] - shift) · scale) over `count` f32 values: in f32 within blocks of 256 values, in
 * f64 across blocks. O(count). Values are read up to `count` rounded up to 4, and those beyond `count` must be
 * -Infinity to add next to nothing.
 */
export function sumExp(values: usize, count: i32, shift: f32, scale: f32): f64 {
  const shifts = f32x4.splat(shift), scales = f32x4.splat(scale);
  let total: f64 = 0;
  for (let i = 0; i < count; i += SUM_BLOCK) {
    let sum = f32x4.splat(0);
    const end = values + (<usize>min(i + SUM_BLOCK, count) << 2);
    for (let p = values + (<usize>i << 2); p < end; p += 16) {
      sum = f32x4.add(sum, exp4(f32x4.mul(f32x4.sub(v128.load(p), shifts), scales)));
    }
    total += <f64>sumLanes(sum);
  }
  return total;
}
