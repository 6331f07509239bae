import { PURPOSE_CLOCK, PURPOSE_STREAM } from "../../src/abi";
import { lastAtMost } from "../bisect";
import { siftDown, siftUp } from "../heap";
import { Layout, Search } from "../layout";
import { philoxInto, uniformAt } from "../random";
import { acceptance, massInSlot, ownBound, positionInSlot, slotInTail } from "./envelope";
import { conditionScores, exp64, expInto, listPositions, log64, logMassAt, scorePositions } from "./query";

// Sampling without replacement (docs/method.md, section 6). Class i has a clock that rings after Exp(1) / mass_i, and
// the first to ring are the sample (Efraimidis & Spirakis 2006; Gumbel-top-k, Kool et al. 2019). The key of a class is
// -log of its time = log mass + Gumbel noise. The clocks of the head are computed one by one. Those of the tail are one
// Poisson stream with the tail's rate, where each arrival is a class chosen by its mass. A class rings at its first
// arrival. From the envelope, it rings at its first arrival that is accepted, which thins the stream to the class's own
// rate. The stream ends when its time is later than that of the last key kept.

/** Returns a uniform number in (0, 1), both ends excluded, with 52 bits, from two words. */
// @ts-ignore: decorator
@inline
function openUniformAt(numbers: usize): f64 {
  return (<f64>(load<u64>(numbers) >> 12) + 0.5) * 2.220446049250313e-16; // 2^-52
}

/**
 * Adds a key to the `keyCount` largest so far: keys and topIds (positions), topCount of them, a heap with the smallest
 * at its root.
 */
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

/** Returns the key that a new one must exceed. */
// @ts-ignore: decorator
@inline
function leastKey(l: Layout): f64 {
  const s = changetype<Search>(l.search);
  return s.topCount < s.keyCount ? -Infinity : load<f64>(l.keys);
}

/**
 * Draws the random numbers of a pair of clocks for readClock, unless `pair` says that they are in place. Returns the
 * pair.
 */
// @ts-ignore: decorator
@inline
function drawPair(l: Layout, position: i32, pair: i32): i32 {
  const s = changetype<Search>(l.search), own = position >> 1;
  if (own != pair) philoxInto(s.seed, s.queryHash, (<u64>own << 32) | PURPOSE_CLOCK, l.random);
  return own;
}

/**
 * Computes the clock of one class, which has not rung before e^logTime, and keeps its key if it is large enough. `rate`
 * must be at least e^(logMass - least key). The random number depends on the position alone (one call of Philox serves
 * two), so the time at which a clock is computed does not matter.
 */
function readClock(l: Layout, position: i32, logMass: f64, rate: f64): void {
  const uniform = openUniformAt(l.random + (<usize>(position & 1) << 3));
  // The clock rings before e^-least only if Exp = -log u < rate, so not if u <= 1 - rate <= e^-rate. This test needs no
  // logarithm.
  if (uniform <= 1 - rate) return;
  const logTime = changetype<Search>(l.search).logTime;
  let logClock = log64(-log64(uniform)) - logMass;
  if (logTime > -Infinity) {
    const later = max(logTime, logClock);
    logClock = later + log64(1 + exp64(min(logTime, logClock) - later));
  }
  pushKey(l, -logClock, position);
}

/** Returns whether the class at `position` has rung in the stream. */
// @ts-ignore: decorator
@inline
function isTaken(l: Layout, position: i32): bool {
  return ((load<u8>(l.taken + <usize>(position >> 3)) >> (position & 7)) & 1) != 0;
}

/** The number of clocks that are computed before the least key is looked at again. */
const CLOCK_BLOCK = 256;

/**
 * Computes the clocks of `count` classes from their exact scores, which are readable up to `count` rounded up to 4.
 */
function readClocks(l: Layout, positions: usize, scores: usize, count: i32): void {
  const inverse = l.inverseTemperature;
  let pair = -1;
  for (let from = 0; from < count; from += CLOCK_BLOCK) {
    const block = min(CLOCK_BLOCK, count - from), values = scores + (<usize>from << 2), at = positions + (<usize>from << 2);
    const least = leastKey(l) / <f64>inverse;
    expInto(values, (block + 3) & ~3, <f32>least, inverse, l.drawFactors);
    // Rounding can take this from a rate: 2^-22 of the shift, and of the exponents, which are at most 88.
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

/**
 * Starts a sample that keeps the `keyCount` largest keys, and computes the clocks of the head. O(head + keyCount log
 * keyCount). The head must be scored (scoreHead). keyCount must be at most the planned k + 1.
 */
export function clockHead(layout: usize, keyCount: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  s.topCount = 0;
  s.keyCount = <f64>keyCount;
  s.seed = seed;
  s.logTime = -Infinity;
  clockMore(layout);
}

/**
 * Computes the clocks of the classes of another head for the sample that clockHead has started. O(head + keyCount log
 * keyCount). No class may be in two of the heads.
 */
export function clockMore(layout: usize): void {
  const l = changetype<Layout>(layout);
  readClocks(l, l.headPositions, l.headScores, <i32>changetype<Search>(l.search).headCount);
}

/**
 * Follows the tail's stream for at most `arrivals` arrivals. Returns logTime and leaves it in the search: Infinity if
 * the stream got later than every key kept, otherwise the logarithm of the time up to which the tail's arrivals are
 * known. In the latter case `taken` marks the classes that rang, and the clocks of the others continue from that time
 * (clockRange).
 *
 * With `isExact` the tail's masses must be those of an envelope (envelope), without it those of the proposal (propose).
 * The head's clocks must be in place (clockHead). O(1) for an arrival, and O(D) for one that is scored.
 */
export function clockTail(layout: usize, isExact: bool, arrivals: i32): f64 {
  const s = changetype<Search>(changetype<Layout>(layout).search);
  s.isExact = <f64>isExact;
  s.logTime = followStream(changetype<Layout>(layout), isExact, arrivals);
  return s.logTime;
}

/** Follows the stream and returns the new logTime. */
function followStream(l: Layout, isExact: bool, arrivals: i32): f64 {
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

/** Returns whether an arrival from the envelope is one of the class itself, by the first two words of `random`. */
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
 * Computes the clocks of the positions from `first` up to but not including `end` that are neither excluded, nor in the
 * head, nor taken, from e^logTime on. They follow exact scores or, if the search is not exact, the proposal's masses.
 *
 * logTime (clockHead, clockTail) and isExact (clockTail) of the search must be set, and end - first must be at most the
 * planned number of draws. O(D) for each class by exact scores, and O(1) by masses.
 */
export function clockRange(layout: usize, first: i32, end: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const firstOutlier = l.itemCount - l.outlierCount;
  if (end > firstOutlier) {
    if (s.listedCount == 0) clockBucket(l, -1, max(first, firstOutlier), end); // other heads have them
    end = firstOutlier;
  }
  let bucket = lastAtMost<i32>(l.bucketOffsets, l.bucketCount, first);
  for (; first < end; bucket++) {
    const last = min(end, load<i32>(l.bucketOffsets + (<usize>bucket << 2), 4));
    const found = lastAtMost<i32>(l.headBuckets, <i32>s.headBucketCount, bucket);
    const inHead = found >= 0 && load<i32>(l.headBuckets + (<usize>found << 2)) == bucket;
    if (!inHead) clockBucket(l, bucket, first, last);
    first = last;
  }
}

/** Computes the clocks of a part of one bucket. */
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

/**
 * Ends a sample: sorts the keys, best first, writes the ids of their classes to topIds and their exact scores to
 * topScores, and clears `taken`. O(keyCount (D + log keyCount) + N / 8).
 */
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
  conditionScores(layout, l.topIds, count, l.topScores);
  changetype<Search>(l.search).scored += <f64>count;
  for (let p = l.topIds, end = p + (<usize>count << 2); p < end; p += 4) {
    store<i32>(p, load<i32>(l.ids + (<usize>load<i32>(p) << 2)));
  }
  memory.fill(l.taken, 0, <usize>(l.itemCount + 7) >> 3);
}
