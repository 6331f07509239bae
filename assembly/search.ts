import { SLACK } from "../src/abi";
import { besideCoded, codedFrom, drawnUnits, firstCoded } from "./coded";
import { drawBuckets } from "./draw-buckets";
import { headPositions, LOG_FLOOR, MASS_FLOOR, selectHead } from "./head";
import { maxOf } from "./lanes";
import { Layout, Search } from "./layout";
import { log64, logFloor } from "./log";
import { tailSpread } from "./spread";
import { bucketLogMasses, bucketMasses, massesFromLogs, SMALLEST_MAXIMUM, subScores } from "./masses";
import { headPart, headShift, proposalShift, tailPart } from "./parts";
import { scorePositions, scoreScattered } from "./score";
import { sumExp } from "./sum-exp";
import { positionIn, sumTail, unitsOf } from "./tail";
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

/** Adds `count` classes behind the head, whose scores are in place, to headCount, headMax and headSum. O(count) as a rule. */
export function addScored(layout: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const head = <i32>s.headCount, added = l.headScores + (<usize>head << 2);
  for (let i = 0; i < SLACK; i++) store<f32>(added + (<usize>(count + i) << 2), -Infinity);
  if (head == 0 || (count > 0 && <f64>maxOf(added, count) > s.headMax)) {
    sumScored(layout, head + count);
    return;
  }
  s.headCount = <f64>(head + count);
  s.headSum += sumExp(added, count, <f32>s.headMax, l.inverseTemperature);
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
 * unbiased estimate of the tail's part of Z. Q_tail is mass / S_T · share, by the mass that the draw was made by, so x needs no
 * logarithm. Computing log Q as `sample` does took 6 % longer for a whole predict.
 *
 * The proposal must be in place (propose), and `draws` must be at most the planned number.
 */
export function estimateTail(layout: usize, draws: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const count = s.tailTotal > 0 ? draws : 0;
  const numbers = l.drawScores, buckets = l.drawPositions;
  drawBuckets(layout, count, seed);
  let coded = firstCoded(l);
  for (let j = 0; j < count; j++) {
    const bucket = load<i32>(buckets + (<usize>j << 2)), random = load<u32>(numbers + (<usize>j << 2));
    const end = load<i32>(l.bucketOffsets + (<usize>bucket << 2), 4), factor = l.drawFactors + (<usize>j << 3);
    coded = codedFrom(l, coded, bucket);
    const position = positionIn(layout, bucket, besideCoded(l, coded, bucket, random));
    store<i32>(buckets + (<usize>j << 2), position);
    store<f64>(factor, load<f64>(factor) * (<f64>drawnUnits(l, coded, end) / <f64>unitsOf(l, position, end)));
  }
  weighTail(layout, count, count);
}

/**
 * Scores the first `scored` of `count` draws, whose positions and factors are in place, and leaves their moments. The others have
 * x = 0.
 */
export function weighTail(layout: usize, count: i32, scored: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  for (let j = scored; j < count; j++) store<f64>(l.drawFactors + (<usize>j << 3), 0);
  scoreScattered(layout, l.drawPositions, scored, l.drawScores);
  let shift = headShift(l);
  for (let j = 0; j < scored; j++) {
    const logit = <f64>load<f32>(l.drawScores + (<usize>j << 2)) * <f64>l.inverseTemperature;
    store<f64>(l.drawLogQ + (<usize>j << 3), logit);
    shift = max(shift, logit + logFloor(load<f64>(l.drawFactors + (<usize>j << 3))));
  }
  if (count == 0) shift = proposalShift(l);
  s.tailMass = tailPart(s, shift);
  s.scored += <f64>scored;
  weighDraws(layout, count, shift);
}
