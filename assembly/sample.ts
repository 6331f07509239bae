import { PURPOSE_SAMPLE } from "../src/abi";
import { lastAtMost } from "./bisect";
import { conditionScores } from "./changed";
import { drawNumbers } from "./draw-buckets";
import { exp4 } from "./exp";
import { isExcluded } from "./filter";
import { Layout, Search } from "./layout";
import { logQInHead, logQInTail, logQOfShare, tailLogMass } from "./log-probability";
import { scoreIds, scoreScattered } from "./score";
import { headPart, proposalShift, tailPart } from "./parts";
import { propose } from "./search";
import { positionIn, slotIn } from "./tail";

/**
 * Draws `draws` classes independently from the proposal with head (docs/method.md, section 3; scan = 0 is plain MIDX).
 * drawPositions become class ids, with their exact scores in drawScores and their normalised log Q in drawLogQ. The
 * preconditions are those of propose.
 */
export function sample(layout: usize, scan: i32, draws: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  propose(layout, scan, 0);
  drawProposed(layout, draws, seed);
  scoreScattered(layout, l.drawPositions, draws, l.drawScores);
  conditionScores(layout, l.drawPositions, draws, l.drawScores);
  changetype<Search>(l.search).scored += <f64>draws;
  for (let p = l.drawPositions, end = p + (<usize>draws << 2); p < end; p += 4) {
    store<i32>(p, load<i32>(l.ids + (<usize>load<i32>(p) << 2)));
  }
}

/**
 * Draws `draws` classes from the proposal that `propose` left, which stays in place: positions in drawPositions, log Q
 * in drawLogQ. It computes no scores, because a training scores its own, newer rows. O(draws (log head + blocks of a
 * group)).
 */
export function drawProposed(layout: usize, draws: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  sumHead(layout);
  const shift = proposalShift(l);
  const head = headPart(l, shift), tail = tailPart(s, shift);
  const headTotal = load<f64>(l.headPrefix + (<usize>s.headCount << 3));
  // One loop for each step, so that the latencies of several draws overlap: 26 µs for 100 draws from 33,000 classes, 40
  // µs in a single loop.
  drawNumbers(l, PURPOSE_SAMPLE, draws, seed);
  for (let j = 0; j < draws; j++) {
    const target = load<f64>(l.drawFactors + (<usize>j << 3)) * (head + tail);
    let place: i32; // negative: an index into the head, minus the head's size; otherwise a slot of the tail
    if (target < head || tail == 0) {
      place = lastAtMost<f64>(l.headPrefix, <i32>s.headCount, target / head * headTotal) - <i32>s.headCount;
    } else {
      const tailTarget = (target - head) / tail * s.tailTotal;
      place = slotIn(layout, lastAtMost<f64>(l.groupPrefix, l.codewordCount, tailTarget), tailTarget);
    }
    store<i32>(l.drawPositions + (<usize>j << 2), place);
  }
  for (let j = 0; j < draws; j++) {
    const position = l.drawPositions + (<usize>j << 2), logQ = l.drawLogQ + (<usize>j << 3);
    const place = load<i32>(position);
    if (place < 0) {
      const index = <usize>(place + <i32>s.headCount) << 2;
      store<i32>(position, load<i32>(l.headPositions + index));
      store<f64>(logQ, logQInHead(l, load<f32>(l.headScores + index)));
    } else {
      const bucket = load<i32>(l.slotBuckets + (<usize>place << 2));
      const chosen = positionIn(layout, bucket, load<u32>(l.drawScores + (<usize>j << 2)));
      store<i32>(position, chosen);
      store<f64>(logQ, logQInTail(layout, bucket, chosen));
    }
  }
}

/**
 * Sets headPrefix[i] to the sum of e^((headScores - headMax) / T) before i, added from left to right in f64. O(head).
 * The head must be scored (scoreHead).
 */
export function sumHead(layout: usize): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const count = <i32>s.headCount;
  const shift = f32x4.splat(<f32>s.headMax), scale = f32x4.splat(l.inverseTemperature);
  let total: f64 = 0, out = l.headPrefix;
  for (let i = 0; i < count; i += 4) {
    const e = exp4(f32x4.mul(f32x4.sub(v128.load(l.headScores + (<usize>i << 2)), shift), scale));
    store<f64>(out, total);
    store<f64>(out, total += <f64>f32x4.extract_lane(e, 0), 8);
    store<f64>(out, total += <f64>f32x4.extract_lane(e, 1), 16);
    store<f64>(out, total += <f64>f32x4.extract_lane(e, 2), 24);
    total += <f64>f32x4.extract_lane(e, 3);
    out += 32;
  }
  if ((count & 3) == 0) store<f64>(out, total);
}

/**
 * Sets drawLogQ[i] to log Q of the class drawPositions[i], an id, under the proposal that `propose` left. In the head
 * it is score / T - log S', elsewhere log mass - log S', with the same bits as `sample` returns, and -Infinity for
 * excluded classes. Overwrites drawPositions with positions and drawScores with scores. O(count (D + log B)).
 */
export function logQOf(layout: usize, count: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const firstOutlier = l.itemCount - l.outlierCount;
  scoreIds(layout, l.drawPositions, count, l.drawScores);
  conditionScores(layout, l.drawPositions, count, l.drawScores);
  // Classes in the order of the file have mostly the bucket of the class before: 50 to 90 ns a class instead of 230 to 260.
  let bucket = -1, first = 0, end = 0, isHead = false, hasLogMass = false, logMass: f64 = 0;
  for (let i = 0; i < count; i++) {
    const position = load<i32>(l.drawPositions + (<usize>i << 2)), score = load<f32>(l.drawScores + (<usize>i << 2));
    if (position < first || position >= end) {
      bucket = lastAtMost<i32>(l.bucketOffsets, l.bucketCount, position);
      first = load<i32>(l.bucketOffsets + (<usize>bucket << 2));
      end = load<i32>(l.bucketOffsets + (<usize>bucket << 2), 4);
      const found = lastAtMost<i32>(l.headBuckets, <i32>s.headBucketCount, bucket);
      isHead = found >= 0 && load<i32>(l.headBuckets + (<usize>found << 2)) == bucket;
      hasLogMass = false;
    }
    let logQ: f64 = -Infinity;
    if (score > -Infinity) {
      // An excluded class with a score has a changed one.
      const inHead = isHead || position >= firstOutlier || isExcluded(l, position);
      if (!inHead && !hasLogMass) {
        logMass = tailLogMass(layout, bucket);
        hasLogMass = true;
      }
      logQ = inHead ? logQInHead(l, score) : logQOfShare(layout, logMass, bucket, position);
    }
    store<f64>(l.drawLogQ + (<usize>i << 3), logQ);
  }
}
