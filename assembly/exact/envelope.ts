import { PURPOSE_EXACT } from "../../src/abi";
import { lastAtMost } from "../bisect";
import { isThinnedOut } from "../filter";
import { LOG_FLOOR } from "../head";
import { Layout, Search } from "../layout";
import { philoxInto, uniformAt } from "../random";
import { headPart, proposalShift, tailPart } from "../parts";
import { inverseShare } from "../tail";
import {
  bucketLogMasses, exp64, massesFromLogs, positionIn, scoreHead, scorePositions, selectHead, slotIn, sumHead, sumTail,
} from "./query";

/**
 * A number larger than the rounding of f32 masses and of shares can take from a class's part. The slack covers the rounding of
 * the logarithms.
 */
const MARGIN: f64 = 0.0009765625; // 2^-10

/**
 * Makes the envelope of the prepared query (docs/method.md, section 5). The head is the classes of the buckets with the
 * highest bounds per class, up to `scan`, by their exact scores. The tail's classes have w_b e^(s_b + slope · radius +
 * envelopeMargin), which no class's e^(o / T) exceeds. O(K + blocks), and O(D) for each class of the head.
 *
 * Leaves head and tail as `propose` does, with the margin in massShift. The sub-scores (subScores) and the bounds
 * (prepareBounds) must be in place.
 */
export function envelope(layout: usize, scan: i32): void {
  const l = changetype<Layout>(layout);
  bucketLogMasses(layout, <f32>changetype<Search>(l.search).slope);
  selectHead(layout, LOG_FLOOR, scan, 0);
  massesFromLogs(layout);
  sumTail(layout);
  scoreHead(layout);
  changetype<Search>(l.search).massShift += envelopeMargin(l);
}

/** Returns the margin by which the tail of the envelope exceeds the bounds. */
function envelopeMargin(l: Layout): f64 {
  return changetype<Search>(l.search).slack + MARGIN + <f64>l.itemCount / 1431655765.0; // 3/2 of N / 2^31, which is for the smallest unit of shares
}

/**
 * Draws `draws` classes independently from the softmax itself, by rejection from the envelope: drawPositions become
 * class ids, with their exact scores in drawScores. Each draw takes Z_hi / Z proposals on average.
 *
 * A class that is proposed in the tail is first tested against its own bound, e^(slope (norm - radius)), which reads no
 * row, and only then scored. One uniform number decides both, since the second probability is the lower. drawFactors[j]
 * becomes the number of proposals that draw j took.
 *
 * The envelope must be in place (envelope), and `draws` must be at most the planned number.
 */
export function drawExact(layout: usize, draws: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  sumHead(layout);
  const shift = proposalShift(l);
  const head = headPart(l, shift), tail = tailPart(s, shift);
  const headTotal = load<f64>(l.headPrefix + (<usize>s.headCount << 3));
  let scored = 0;
  for (let j = 0; j < draws; j++) {
    const position = l.drawPositions + (<usize>j << 2), score = l.drawScores + (<usize>j << 2);
    let step: u32 = 0;
    for (; ; step += 2) {
      philoxInto(seed, s.queryHash, (<u64>j << 32) | (step << 8) | PURPOSE_EXACT, l.random);
      const target = uniformAt(l.random) * (head + tail);
      if (target < head || tail == 0) {
        const index = <usize>lastAtMost<f64>(l.headPrefix, <i32>s.headCount, target / head * headTotal) << 2;
        store<i32>(position, load<i32>(l.headPositions + index));
        store<f32>(score, load<f32>(l.headScores + index));
        break;
      }
      const slot = slotInTail(l, (target - head) / tail * s.tailTotal), proposed = positionInSlot(l, slot);
      if (isThinnedOut(l, proposed)) continue;
      store<i32>(position, proposed);
      philoxInto(seed, s.queryHash, (<u64>j << 32) | ((step + 1) << 8) | PURPOSE_EXACT, l.random);
      const number = uniformAt(l.random);
      if (number >= ownBound(l, slot, proposed)) continue;
      scorePositions(layout, position, 1, score);
      scored++;
      const share = massInSlot(l, slot, proposed);
      if (number < acceptance(l, load<f32>(score), share)) break;
    }
    store<f64>(l.drawFactors + (<usize>j << 3), <f64>(step >> 1) + 1);
  }
  s.scored += <f64>scored;
  for (let p = l.drawPositions, end = p + (<usize>draws << 2); p < end; p += 4) {
    store<i32>(p, load<i32>(l.ids + (<usize>load<i32>(p) << 2)));
  }
}

/** Returns the slot of the tail into which `target`, in [0, tailTotal), falls. */
export function slotInTail(l: Layout, target: f64): i32 {
  return slotIn(changetype<usize>(l), lastAtMost<f64>(l.groupPrefix, l.codewordCount, target), target);
}

/** Returns the position of a class of the slot's bucket, chosen by the third word of `random`. */
export function positionInSlot(l: Layout, slot: i32): i32 {
  return positionIn(changetype<usize>(l), bucketOf(l, slot), load<u32>(l.random, 8));
}

/** Returns the mass of the class at `position`, in the slot's bucket, in the units of tailTotal. */
export function massInSlot(l: Layout, slot: i32, position: i32): f64 {
  return <f64>load<f32>(l.slotMasses + (<usize>slot << 2)) / inverseShare(l, bucketOf(l, slot), position);
}

/**
 * Returns e^(slope (norm - radius)) of the class at `position`, in the slot's bucket: its own envelope over that of its
 * bucket.
 */
export function ownBound(l: Layout, slot: i32, position: i32): f64 {
  const norm = load<f32>(l.residualNorms + (<usize>position << 2)), radius = load<f32>(l.slotRadii + (<usize>slot << 2));
  return exp64(changetype<Search>(l.search).slope * <f64>(norm - radius));
}

// @ts-ignore: decorator
@inline
function bucketOf(l: Layout, slot: i32): i32 {
  return load<i32>(l.slotBuckets + (<usize>slot << 2));
}

/** Returns e^(o / T) over the class's part of the envelope, which is at most 1. */
export function acceptance(l: Layout, score: f32, mass: f64): f64 {
  return exp64(<f64>score * <f64>l.inverseTemperature - changetype<Search>(l.search).massShift) / mass;
}
