import { PURPOSE_CLOCK, PURPOSE_STREAM } from "../../src/abi";
import { lastAtMost } from "../bisect";
import { siftDown, siftUp } from "../heap";
import { Layout, Search } from "../layout";
import { philoxInto, uniformAt } from "../random";
import { acceptance, massInSlot, ownBound, positionInSlot, slotInTail } from "./envelope";
import { exp64, expInto, listPositions, log64, logMassAt, scorePositions } from "./query";

// Sampling without replacement: class i has a clock that rings after Exp(1) / mass_i; the first to ring are the sample
// (Efraimidis & Spirakis 2006; Gumbel-top-k, Kool et al. 2019). A class's key is -log of its time = log mass + Gumbel.
// The head's clocks are read one by one. The tail's are one Poisson stream of the tail's rate, each arrival a class by its
// mass; a class rings at its first arrival, or, from the envelope, at its first that is accepted, which thins the stream
// to the class's own rate. The stream ends when it is later than the last key kept.

/** Uniform number in (0, 1), ends excluded, with 52 bits, from two words. */
// @ts-ignore: decorator
@inline
function openUniformAt(numbers: usize): f64 {
  return (<f64>(load<u64>(numbers) >> 12) + 0.5) * 2.220446049250313e-16; // 2^-52
}

/** The `keyCount` largest keys so far: keys and topIds (positions), topCount of them, a heap with the least at its root. */
function pushKey(l: Layout, key: f64, position: i32): void {
  const s = changetype<Search>(l.search);
  const kept = <i32>s.topCount;
  if (kept < <i32>s.keyCount) {
    siftUp<f64>(l.keys, l.topIds, kept, key, position);
    s.topCount = <f64>(kept + 1);
  } else if (key > load<f64>(l.keys)) {
    siftDown<f64>(l.keys, l.topIds, kept, key, position);
  }
}

/** The key that another has to exceed. */
// @ts-ignore: decorator
@inline
function leastKey(l: Layout): f64 {
  const s = changetype<Search>(l.search);
  return s.topCount < s.keyCount ? -Infinity : load<f64>(l.keys);
}

/** Puts the numbers of a pair of clocks where readClock has them from, unless `pair` says that they are there; returns the pair. */
// @ts-ignore: decorator
@inline
function drawPair(l: Layout, position: i32, pair: i32): i32 {
  const s = changetype<Search>(l.search), own = position >> 1;
  if (own != pair) philoxInto(s.seed, s.queryHash, (<u64>own << 32) | PURPOSE_CLOCK, l.random);
  return own;
}

/**
 * The clock of one class, known not to have rung before e^logTime; `rate` is at least e^(logMass - least key). Its random
 * number depends on its position alone (a call of Philox has two), so when it is read changes nothing.
 */
function readClock(l: Layout, position: i32, logMass: f64, rate: f64): void {
  const uniform = openUniformAt(l.random + (<usize>(position & 1) << 3));
  // It rings before e^-least only if Exp = -log u < rate, so not if u <= 1 - rate <= e^-rate: no logarithm.
  if (uniform <= 1 - rate) return;
  const logTime = changetype<Search>(l.search).logTime;
  let logClock = log64(-log64(uniform)) - logMass;
  if (logTime > -Infinity) {
    const later = max(logTime, logClock);
    logClock = later + log64(1 + exp64(min(logTime, logClock) - later));
  }
  pushKey(l, -logClock, position);
}

/** Whether the class at `position` has rung in the stream. */
// @ts-ignore: decorator
@inline
function isTaken(l: Layout, position: i32): bool {
  return ((load<u8>(l.taken + <usize>(position >> 3)) >> (position & 7)) & 1) != 0;
}

/** Scores whose clocks are read between two looks at the least key. */
const CLOCK_BLOCK = 256;

/** readClock of `count` classes by their exact scores, readable up to count rounded up to 4. */
function readClocks(l: Layout, positions: usize, scores: usize, count: i32): void {
  const inverse = l.inverseTemperature;
  let pair = -1;
  for (let from = 0; from < count; from += CLOCK_BLOCK) {
    const block = min(CLOCK_BLOCK, count - from), values = scores + (<usize>from << 2), at = positions + (<usize>from << 2);
    const least = leastKey(l) / <f64>inverse;
    expInto(values, (block + 3) & ~3, <f32>least, inverse, l.drawFactors);
    // What rounding takes from a rate: 2^-22 of the shift, and of exponents, which are at most 88.
    const slack = 1 + (abs(least) * <f64>inverse + 89) * 2.384185791015625e-7;
    for (let o: usize = 0, end = <usize>block << 2; o < end; o += 4) {
      const position = load<i32>(at + o);
      if (isTaken(l, position)) continue;
      const rate = least > -Infinity ? <f64>load<f32>(l.drawFactors + o) * slack : Infinity;
      pair = drawPair(l, position, pair);
      readClock(l, position, <f64>load<f32>(values + o) * <f64>inverse, rate);
    }
  }
}

/** Starts the clocks, of which the keyCount with the largest keys will be kept, and reads those of the head. */
export function clockHead(layout: usize, keyCount: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  s.topCount = 0;
  s.keyCount = <f64>keyCount;
  s.seed = seed;
  s.logTime = -Infinity;
  readClocks(l, l.headPositions, l.headScores, <i32>s.headCount);
}

/**
 * The tail's stream, up to `arrivals` of them. Leaves and returns logTime: Infinity when it is later than every key kept, else
 * the log of the time up to which the tail's clocks have been heard: `taken` then marks those that rang, and the others go on
 * from there. The tail's masses are those of an envelope, or, without `isExact`, the proposal's.
 */
export function clockTail(layout: usize, isExact: bool, arrivals: i32): f64 {
  const s = changetype<Search>(changetype<Layout>(layout).search);
  s.isExact = <f64>isExact;
  s.logTime = hearStream(changetype<Layout>(layout), isExact, arrivals);
  return s.logTime;
}

function hearStream(l: Layout, isExact: bool, arrivals: i32): f64 {
  const s = changetype<Search>(l.search), seed = s.seed;
  if (s.tailTotal == 0) return Infinity;
  const logRate = s.massShift + log64(s.tailTotal);
  let time: f64 = 0;
  for (let arrival = 0; arrival < arrivals; arrival++) {
    philoxInto(seed, s.queryHash, (<u64>arrival << 32) | PURPOSE_STREAM, l.random);
    const slot = slotInTail(l, uniformAt(l.random) * s.tailTotal), position = positionInSlot(l, slot);
    philoxInto(seed, s.queryHash, (<u64>arrival << 32) | (1 << 8) | PURPOSE_STREAM, l.random);
    time -= log64(openUniformAt(l.random + 8));
    const key = logRate - log64(time);
    if (key <= leastKey(l)) return Infinity;
    const taken = l.taken + <usize>(position >> 3), bit: u8 = 1 << (<u8>position & 7);
    if (load<u8>(taken) & bit) continue;
    if (isExact && !accepts(l, slot, position)) continue;
    store<u8>(taken, load<u8>(taken) | bit);
    pushKey(l, key, position);
  }
  return log64(time) - logRate;
}

/** Whether the envelope's arrival is one of the class itself, by the first two words of `random`. */
function accepts(l: Layout, slot: i32, position: i32): bool {
  const s = changetype<Search>(l.search);
  const number = uniformAt(l.random);
  if (number >= ownBound(l, slot, position)) return false;
  store<i32>(l.drawPositions, position);
  scorePositions(changetype<usize>(l), l.drawPositions, 1, l.drawScores);
  s.scored += 1;
  return number < acceptance(l, load<f32>(l.drawScores), massInSlot(l, slot, position));
}

/**
 * Reads the clocks of the positions first..end, few enough for the draw buffers, that are neither excluded, nor in the
 * head, nor taken; from e^logTime on. By exact scores, or, without isExact, by the proposal's masses.
 */
export function clockRange(layout: usize, first: i32, end: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  let bucket = lastAtMost<i32>(l.bucketOffsets, l.bucketCount, first);
  for (; first < end; bucket++) {
    const last = min(end, load<i32>(l.bucketOffsets + (<usize>bucket << 2), 4));
    const found = lastAtMost<i32>(l.headBuckets, <i32>s.headBucketCount, bucket);
    const inHead = found >= 0 && load<i32>(l.headBuckets + (<usize>found << 2)) == bucket;
    if (!inHead) clockBucket(l, bucket, first, last);
    first = last;
  }
}

function clockBucket(l: Layout, bucket: i32, first: i32, end: i32): void {
  const layout = changetype<usize>(l), s = changetype<Search>(l.search);
  const count = <i32>((listPositions(layout, first, end, l.drawPositions) - l.drawPositions) >> 2);
  if (s.isExact != 0) {
    scorePositions(layout, l.drawPositions, count, l.drawScores);
    s.scored += <f64>count;
    readClocks(l, l.drawPositions, l.drawScores, count);
    return;
  }
  let pair = -1;
  for (let o: usize = 0, behind = <usize>count << 2; o < behind; o += 4) {
    const position = load<i32>(l.drawPositions + o);
    if (isTaken(l, position)) continue;
    const logMass = logMassAt(layout, bucket, position);
    pair = drawPair(l, position, pair);
    readClock(l, position, logMass, exp64(logMass - leastKey(l)) * (1 + 1e-9));
  }
}

/** Ends a sample: keys best first, topIds their classes, topScores their scores; nothing is taken any more. */
export function sortKeys(layout: usize): void {
  const l = changetype<Layout>(layout);
  const count = <i32>changetype<Search>(l.search).topCount;
  for (let last = count - 1; last > 0; last--) {
    const key = load<f64>(l.keys + (<usize>last << 3)), position = load<i32>(l.topIds + (<usize>last << 2));
    store<f64>(l.keys + (<usize>last << 3), load<f64>(l.keys));
    store<i32>(l.topIds + (<usize>last << 2), load<i32>(l.topIds));
    siftDown<f64>(l.keys, l.topIds, last, key, position);
  }
  scorePositions(layout, l.topIds, count, l.topScores);
  changetype<Search>(l.search).scored += <f64>count;
  for (let p = l.topIds, end = p + (<usize>count << 2); p < end; p += 4) {
    store<i32>(p, load<i32>(l.ids + (<usize>load<i32>(p) << 2)));
  }
  memory.fill(l.taken, 0, <usize>(l.itemCount + 7) >> 3);
}
