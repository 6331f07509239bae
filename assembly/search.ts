import { PURPOSE_TAIL } from "../src/abi";
import { exp4, exp64 } from "./exp";
import { headPositions, LOG_FLOOR, MASS_FLOOR, selectHead } from "./head";
import { maxOf, sumLanes } from "./lanes";
import { Layout, Search } from "./layout";
import { log64 } from "./log";
import { bucketLogMasses, bucketMasses, massesFromLogs, SMALLEST_MAXIMUM, subScores } from "./masses";
import { philoxInto, uniformAt } from "./random";
import { scorePositions } from "./score";
import { bucketLogMass, bucketLogShare, groupFrom, hasCoarseMasses, inverseShare, positionIn, slotIn, sumTail } from "./tail";
import { topPush, topSort } from "./topk";

/** Values summed in f32 before the sum moves on to f64. */
const SUM_BLOCK = 256;

/**
 * From the prepared query to a proposal: masses, the head under `scan` (and at least k classes) with its exact scores,
 * the tail's mass, and log S of S' = Z_H + S_T (docs/method.md, 3).
 */
export function propose(layout: usize, scan: i32, k: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  subScores(layout);
  let inLogs = !bucketMasses(layout);
  let count = inLogs ? 0 : selectHead(layout, MASS_FLOOR, scan, k);
  if (inLogs || count < min(k, l.allowedCount)) { // the masses ran out: the rest has to be ordered in logs
    inLogs = true;
    bucketLogMasses(layout, 0);
    count = selectHead(layout, LOG_FLOOR, scan, k);
  } else {
    sumTail(layout);
    inLogs = count < l.allowedCount && s.tailTotal < SMALLEST_MAXIMUM; // nothing left but masses that may be clamped
    if (inLogs) bucketLogMasses(layout, 0);
  }
  if (inLogs) {
    massesFromLogs(layout);
    sumTail(layout);
  }
  scoreHead(layout);
  endProposal(layout);
}

/** logProposal of a head and a tail in place. */
export function endProposal(layout: usize): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const shift = proposalShift(l);
  s.logProposal = shift + log64(headPart(l, shift) + tailPart(s, shift));
}

/** Exact scores of the head's classes, their largest, and Z_H. */
export function scoreHead(layout: usize): void {
  scoreListed(layout, headPositions(layout));
}

/** The same of a head of `count` classes that headPositions lists already. */
export function scoreListed(layout: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  scorePositions(layout, l.headPositions, count, l.headScores);
  for (let i = count; i & 3; i++) store<f32>(l.headScores + (<usize>i << 2), -Infinity);
  s.headCount = <f64>count;
  s.scored = <f64>count;
  s.headMax = count > 0 ? <f64>maxOf(l.headScores, count) : -Infinity;
  s.headSum = count > 0 ? sumExp(l.headScores, count, <f32>s.headMax, l.inverseTemperature) : 0;
}

/** Largest logit of the head, over the temperature: log of the unit of headSum. */
// @ts-ignore: decorator
@inline
function headShift(l: Layout): f64 {
  return changetype<Search>(l.search).headMax * <f64>l.inverseTemperature;
}

/** A shift at which neither part of S' overflows. */
// @ts-ignore: decorator
@inline
export function proposalShift(l: Layout): f64 {
  const s = changetype<Search>(l.search);
  return s.tailTotal > 0 ? max(headShift(l), s.massShift) : headShift(l);
}

/** Z_H e^-shift */
// @ts-ignore: decorator
@inline
export function headPart(l: Layout, shift: f64): f64 {
  const s = changetype<Search>(l.search);
  return s.headSum > 0 ? s.headSum * exp64(headShift(l) - shift) : 0;
}

/** S_T e^-shift */
// @ts-ignore: decorator
@inline
export function tailPart(s: Search, shift: f64): f64 {
  return s.tailTotal > 0 ? s.tailTotal * exp64(s.massShift - shift) : 0;
}

/** Sum of e^((values - shift) scale); f32 within blocks of 256, f64 across. Values up to count rounded up to 4 are read. */
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

/**
 * Sampled top-k scoring in one call: the k best classes of the head (topIds, topScores) and, from `draws` stratified
 * draws of the tail, the moments that estimate Z (docs/method.md, 3 and 4). k = 0 gives the moments alone.
 */
export function predict(layout: usize, k: i32, scan: i32, draws: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  propose(layout, scan, k);
  s.topCount = 0;
  topPush(layout, l.headPositions, l.headScores, <i32>s.headCount, k);
  topSort(layout);
  estimateTail(layout, draws, seed);
}

/** Of each draw a uniform number in [0, 1), in drawFactors, and a word more, in drawScores. */
export function drawNumbers(l: Layout, purpose: u64, count: i32, seed: u64): void {
  const queryHash = changetype<Search>(l.search).queryHash;
  for (let j = 0; j < count; j++) {
    philoxInto(seed, queryHash, (<u64>j << 32) | purpose, l.random);
    store<f64>(l.drawFactors + (<usize>j << 3), uniformAt(l.random));
    store<u32>(l.drawScores + (<usize>j << 2), load<u32>(l.random, 8));
  }
}

/**
 * Draw j: bucket at ((j + U_j) / draws) S_T, class by its share. x = e^score / Q_tail is unbiased for the tail of Z;
 * Q_tail = e^(bucketLogMass) / (inverseShare S_T), so x needs no logarithm of the share.
 */
export function estimateTail(layout: usize, draws: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const count = s.tailTotal > 0 ? draws : 0;
  const stratum = s.tailTotal / <f64>count;
  // A loop a step: then the latencies of several draws overlap.
  const numbers = l.drawScores, slots = l.drawPositions;
  drawNumbers(l, PURPOSE_TAIL, count, seed);
  const isCoarse = hasCoarseMasses(l);
  let group = 0;
  for (let j = 0; j < count; j++) {
    const target = (<f64>j + load<f64>(l.drawFactors + (<usize>j << 3))) * stratum;
    group = groupFrom(l, group, target);
    store<i32>(slots + (<usize>j << 2), slotIn(layout, group, target));
  }
  for (let j = 0; j < count; j++) {
    const slot = slots + (<usize>j << 2);
    const bucket = load<i32>(l.slotBuckets + (<usize>load<i32>(slot) << 2));
    const position = positionIn(layout, bucket, load<u32>(numbers + (<usize>j << 2)));
    store<i32>(slot, position);
    store<f64>(l.drawLogQ + (<usize>j << 3), isCoarse ? s.massShift + bucketLogShare(l, bucket) : bucketLogMass(l, bucket));
    store<f64>(l.drawFactors + (<usize>j << 3), inverseShare(l, bucket, position));
  }
  scorePositions(layout, l.drawPositions, count, l.drawScores);

  const logTail = s.massShift + log64(s.tailTotal);
  let shift = headShift(l);
  for (let j = 0; j < count; j++) {
    const logQ = l.drawLogQ + (<usize>j << 3);
    const logX = <f64>load<f32>(l.drawScores + (<usize>j << 2)) * <f64>l.inverseTemperature
      - (load<f64>(logQ) - logTail);
    store<f64>(logQ, logX);
    shift = max(shift, logX);
  }
  if (count == 0) shift = proposalShift(l);
  s.tailMass = tailPart(s, shift);
  s.scored += <f64>count;
  weighDraws(layout, count, shift);
}

/**
 * The moments of the draws' weights, x = e^drawLogQ · drawFactors, in units of e^shift; without draws those of tailMass, which
 * is there already. Leaves headMass … tailLogVariance, whatever the proposal was.
 */
export function weighDraws(layout: usize, count: i32, shift: f64): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  let sum: f64 = 0, squares: f64 = 0, largest: f64 = 0;
  let origin: f64 = 0, deviations: f64 = 0, deviationSquares: f64 = 0; // of log x from that of draw 0: no cancellation
  for (let j = 0; j < count; j++) {
    const logX = load<f64>(l.drawLogQ + (<usize>j << 3)), factor = load<f64>(l.drawFactors + (<usize>j << 3));
    const x = exp64(logX - shift) * factor;
    sum += x;
    squares += x * x;
    largest = max(largest, x);
    const log = logX + log64(factor);
    if (j == 0) origin = log;
    deviations += log - origin;
    deviationSquares += (log - origin) * (log - origin);
  }
  s.drawCount = <f64>count;
  s.logShift = shift;
  s.headMass = headPart(l, shift);
  s.tailMean = count > 0 ? sum / <f64>count : s.tailMass;
  s.tailSquareMean = count > 0 ? squares / <f64>count : s.tailMass * s.tailMass;
  s.tailLargest = count > 0 ? largest : s.tailMass;
  const variance = (deviationSquares - deviations * deviations / <f64>count) / <f64>(count - 1);
  s.tailLogVariance = count > 1 ? max<f64>(variance, 0) : 0;
}
