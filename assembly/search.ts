import { MOST_REDRAWS, PURPOSE_REDRAW } from "../src/abi";
import { lastAtMost } from "./bisect";
import { drawBuckets } from "./draw-buckets";
import { headPositions, LOG_FLOOR, MASS_FLOOR, selectHead } from "./head";
import { maxOf } from "./lanes";
import { Layout, Search } from "./layout";
import { log64 } from "./log";
import { tailSpread } from "./spread";
import { bucketLogMasses, bucketMasses, massesFromLogs, SMALLEST_MAXIMUM, subScores } from "./masses";
import { headPart, headShift, proposalShift, tailPart } from "./parts";
import { philoxInto, uniformAt } from "./random";
import { scorePositions, scoreScattered } from "./score";
import { ensureShares } from "./shares";
import { sumExp } from "./sum-exp";
import { bucketLogMass, bucketLogShare, hasCoarseMasses, inverseShare, positionIn, slotIn, sumTail } from "./tail";
import { topPush, topSort } from "./topk";
import { weighDraws } from "./weigh-draws";

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

/** Like scoreHead, for a head of `count` classes whose positions headPositions lists already, and the changed classes. */
export function scoreListed(layout: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  scorePositions(layout, l.headPositions, count, l.headScores);
  s.codedCount = 0;
  s.addedShare = 0;
  s.listedCount = <f64>count;
  s.scored = <f64>count;
  sumScored(layout, count);
  s.logHead = headShift(l) + log64(s.headSum);
  const changed = l.changedCount, behind = <usize>count << 2;
  if (changed == 0) return;
  memory.copy(l.headPositions + behind, l.changedPositions, <usize>changed << 2);
  memory.copy(l.headScores + behind, l.changedScores, <usize>changed << 2);
  s.scored += <f64>changed;
  sumScored(layout, count + changed);
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
 * Answers a whole `predict` call: the k best classes of the head, sorted, in topIds and topScores, and the moments of `draws`
 * stratified draws from the tail, which estimate Z (docs/method.md, sections 3 and 4). With k = 0 it leaves only the moments.
 * With draws it also leaves the spread of the tail (tailSpread). The preconditions are those of propose and estimateTail.
 */
export function predict(layout: usize, k: i32, scan: i32, draws: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  propose(layout, scan, k);
  s.topCount = 0;
  topPush(layout, l.headPositions, l.headScores, <i32>s.headCount, k);
  topSort(layout);
  if (draws > 0) tailSpread(layout);
  estimateTail(layout, draws, seed);
}

/**
 * Estimates the tail's part of Z from `draws` stratified draws (docs/method.md, section 4) and leaves the moments that
 * weighDraws describes. O(draws (D + log K + blocks of a group)).
 *
 * Draw j takes the bucket at ((j + U_j) / draws) · S_T and a class of it by its share. x = e^score / Q_tail is an
 * unbiased estimate of the tail's part of Z. Since Q_tail = e^(bucketLogMass) / (inverseShare · S_T), x needs no
 * logarithm of the share.
 *
 * Z_H counts the classes that are in the head by their codes, though their buckets are in the tail. With p their part of S_T, a
 * draw that meets one is drawn again from the whole tail, up to MOST_REDRAWS times, and then has x = 0. So every other class is
 * 1 + p + … + p^MOST_REDRAWS times as likely as under Q_tail, and x is divided by this.
 *
 * The proposal must be in place (propose), and `draws` must be at most the planned number.
 */
export function estimateTail(layout: usize, draws: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const count = s.tailTotal > 0 ? draws : 0;
  const numbers = l.drawScores, buckets = l.drawPositions;
  const isCoarse = hasCoarseMasses(l);
  const timesDrawn = prepareRedraws(layout);
  drawBuckets(layout, count, seed);
  let redraws: u64 = 0;
  for (let j = 0; j < count; j++) {
    let bucket = load<i32>(buckets + (<usize>j << 2));
    let position = positionIn(layout, bucket, load<u32>(numbers + (<usize>j << 2)));
    for (let again = 0; again < MOST_REDRAWS && isCoded(l, position); again++) {
      philoxInto(seed, s.queryHash, (redraws++ << 32) | PURPOSE_REDRAW, l.random);
      const target = uniformAt(l.random) * s.tailTotal;
      const group = lastAtMost<f64>(l.groupPrefix, l.codewordCount, target);
      bucket = load<i32>(l.slotBuckets + (<usize>slotIn(layout, group, target) << 2));
      position = positionIn(layout, bucket, load<u32>(l.random, 8));
    }
    store<i32>(buckets + (<usize>j << 2), position);
    store<f64>(l.drawLogQ + (<usize>j << 3), isCoarse ? s.massShift + bucketLogShare(l, bucket) : bucketLogMass(l, bucket));
    store<f64>(l.drawFactors + (<usize>j << 3), isCoded(l, position) ? 0 : inverseShare(l, bucket, position) / timesDrawn);
  }
  weighTail(layout, count, count);
}

/**
 * Scores the first `scored` of `count` draws, whose positions, log masses and factors are in place, and leaves their moments.
 * The others have x = 0.
 */
export function weighTail(layout: usize, count: i32, scored: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  for (let j = scored; j < count; j++) store<f64>(l.drawFactors + (<usize>j << 3), 0);
  scoreScattered(layout, l.drawPositions, scored, l.drawScores);
  const logTail = s.massShift + log64(s.tailTotal);
  let shift = headShift(l);
  for (let j = 0; j < scored; j++) {
    const logQ = l.drawLogQ + (<usize>j << 3);
    const logX = <f64>load<f32>(l.drawScores + (<usize>j << 2)) * <f64>l.inverseTemperature
      - (load<f64>(logQ) - logTail);
    store<f64>(logQ, logX);
    if (load<f64>(l.drawFactors + (<usize>j << 3)) > 0) shift = max(shift, logX);
  }
  if (count == 0) shift = proposalShift(l);
  s.tailMass = tailPart(s, shift);
  s.scored += <f64>scored;
  weighDraws(layout, count, shift);
  forgetCoded(l);
}

/**
 * Sets addedShare, the part p of S_T of the classes that are in the head by their codes, and returns how much likelier the
 * others are with redraws: 1 + p + … + p^MOST_REDRAWS.
 */
export function prepareRedraws(layout: usize): f64 {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  if (s.codedCount == 0) return 1;
  let mass: f64 = 0;
  const end = l.headPositions + (<usize>s.headCount << 2);
  for (let p = end - (<usize>s.codedCount << 2); p < end; p += 4) {
    const position = load<i32>(p);
    const bucket = lastAtMost<i32>(l.bucketOffsets, l.bucketCount, position);
    const slot = <usize>load<i32>(l.bucketSlots + (<usize>bucket << 2));
    ensureShares(l, bucket);
    mass += <f64>load<f32>(l.slotMasses + (slot << 2)) / inverseShare(l, bucket, position);
  }
  const share = min<f64>(mass / s.tailTotal, 1);
  s.addedShare = share;
  let times: f64 = 1;
  for (let again = 0; again < MOST_REDRAWS; again++) times = 1 + share * times;
  return times;
}

/** Returns whether the class at `position` is in the head by its code. */
// @ts-ignore: decorator
@inline
export function isCoded(l: Layout, position: i32): bool {
  if (changetype<Search>(l.search).codedCount == 0) return false;
  return ((load<u8>(l.taken + <usize>(position >> 3)) >> (position & 7)) & 1) != 0;
}

/** Clears the bits of the classes that are in the head by their codes. */
function forgetCoded(l: Layout): void {
  const s = changetype<Search>(l.search);
  const end = l.headPositions + (<usize>s.headCount << 2);
  for (let p = end - (<usize>s.codedCount << 2); p < end; p += 4) store<u8>(l.taken + <usize>(load<i32>(p) >> 3), 0);
  s.codedCount = 0;
}
