import { BLOCK_QUADS, BLOCK_SLOTS } from "../../src/abi";
import { isFiltered, lanesLeft } from "../filter";
import { compaction, sumLanesI32 } from "../lanes";
import { Layout, Search } from "../layout";

/**
 * Lists the buckets outside the head that may contain a class with a score of `threshold` or more, in candidateSlots,
 * and returns their number of classes (docs/method.md, section 5). A bucket is a candidate if s_b + slope · radius +
 * largest bias / T + slack reaches threshold / T. O(K + blocks).
 *
 * The sub-scores (subScores), the bounds (prepareBounds) and the head (headSlots) must be in place.
 */
export function candidates(layout: usize, threshold: f32): i32 {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const slope = f32x4.splat(<f32>s.slope), scale = f32x4.splat(l.inverseTemperature);
  const least = f32x4.splat(leastBound(l, threshold));
  let found: usize = 0, count = i32x4.splat(0);
  for (let group = 0; group < l.codewordCount; group++) {
    const first = v128.load32_splat(l.subScores1 + (<usize>group << 2));
    const blocks = l.groupBlocks + (<usize>group << 2);
    for (
      let quad = load<i32>(blocks) * BLOCK_QUADS, end = load<i32>(blocks, 4) * BLOCK_QUADS; quad < end; quad++
    ) {
      const o = <usize>quad << 4;
      const hit = reaching(l, quad, first, slope, scale, least);
      const lanes = i32x4.bitmask(hit);
      v128.store(l.candidateSlots + found, i8x16.swizzle(i32x4.add(i32x4.splat(quad << 2), i32x4(0, 1, 2, 3)), compaction(lanes)));
      found += <usize>popcnt(lanes) << 2;
      count = i32x4.add(count, v128.and(hit, v128.load(l.slotCounts + o)));
    }
  }
  s.candidateCount = <f64>(found >> 2);
  s.cursorSlot = 0;
  s.cursorPosition = -1;
  return sumLanesI32(count) - takeOutHead(l);
}

/**
 * Returns the share of the classes that `candidates` would count, the head included, estimated from every `stride`-th
 * group.
 */
export function candidateShare(layout: usize, threshold: f32, stride: i32): f64 {
  const l = changetype<Layout>(layout);
  const slope = f32x4.splat(<f32>changetype<Search>(l.search).slope), scale = f32x4.splat(l.inverseTemperature);
  const least = f32x4.splat(leastBound(l, threshold));
  let count = i32x4.splat(0), all = count;
  for (let group = 0; group < l.codewordCount; group += stride) {
    const first = v128.load32_splat(l.subScores1 + (<usize>group << 2));
    const blocks = l.groupBlocks + (<usize>group << 2);
    for (
      let quad = load<i32>(blocks) * BLOCK_QUADS, end = load<i32>(blocks, 4) * BLOCK_QUADS; quad < end; quad++
    ) {
      const counts = v128.load(l.slotCounts + (<usize>quad << 4));
      count = i32x4.add(count, v128.and(reaching(l, quad, first, slope, scale, least), counts));
      all = i32x4.add(all, counts);
    }
  }
  const seen = sumLanesI32(all);
  return seen > 0 ? <f64>sumLanesI32(count) / <f64>seen : 0;
}

/** Returns a mask of the buckets of a quad whose bound reaches `least`. */
// @ts-ignore: decorator
@inline
function reaching(l: Layout, quad: i32, first: v128, slope: v128, scale: v128, least: v128): v128 {
  const o = <usize>quad << 4;
  const second = v128.load(l.subScores2 + (<usize>load<u8>(l.blockColumns + <usize>quad) << 4));
  let bound = f32x4.add(f32x4.add(first, second), f32x4.mul(slope, v128.load(l.slotRadii + o)));
  bound = f32x4.add(bound, f32x4.mul(scale, v128.load(l.slotTops + o)));
  return v128.andnot(f32x4.ge(bound, least), i32x4.shr_s(v128.load(l.slotBuckets + o), 31));
}

/** Returns threshold / T - slack, rounded down. */
// @ts-ignore: decorator
@inline
function leastBound(l: Layout, threshold: f32): f32 {
  const s = changetype<Search>(l.search);
  const exact = <f64>threshold * <f64>l.inverseTemperature - s.slack;
  return <f32>(exact - abs(exact) * 1.1920928955078125e-7); // 2^-23
}

/** Removes the head's slots from candidateSlots (both ascend) and returns their number of classes. */
function takeOutHead(l: Layout): i32 {
  const s = changetype<Search>(l.search);
  const end = l.candidateSlots + (<usize>s.candidateCount << 2);
  const headEnd = l.headSlots + (<usize>s.headBucketCount << 2);
  let head = l.headSlots, out = l.candidateSlots, gone = 0;
  for (let p = out; p < end; p += 4) {
    const slot = load<i32>(p);
    while (head < headEnd && load<i32>(head) < slot) head += 4;
    const inHead = head < headEnd && load<i32>(head) == slot;
    if (inHead) gone += load<i32>(l.slotCounts + (<usize>slot << 2));
    store<i32>(out, slot); // stays only if `out` advances
    out += <usize>i32(!inHead) << 2;
  }
  s.candidateCount = <f64>((out - l.candidateSlots) >> 2);
  return gone;
}

/**
 * Writes up to `room` positions of candidate buckets whose own bound reaches `threshold` to drawPositions and returns
 * how many there are, 0 at the end. It continues where the last call stopped. Ties are kept, so that they are scored.
 * O(1) for each class of the buckets.
 *
 * `room` must be a positive multiple of 4, and at most the planned number of draws. `candidates` comes first. The
 * threshold may rise between calls.
 */
export function survivors(layout: usize, threshold: f32, room: i32): i32 {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const least = leastBound(l, threshold);
  const slope = f32x4.splat(<f32>s.slope), scale = f32x4.splat(l.inverseTemperature);
  const behind = l.drawPositions + (<usize>room << 2), filters = isFiltered(l);
  let out = l.drawPositions, index = <i32>s.cursorSlot, position = <i32>s.cursorPosition;
  for (; index < <i32>s.candidateCount; index++, position = -1) {
    const slot = load<i32>(l.candidateSlots + (<usize>index << 2)), bucket = load<i32>(l.slotBuckets + (<usize>slot << 2));
    const base = subScore(l, bucket);
    const bound = base + <f32>s.slope * load<f32>(l.slotRadii + (<usize>slot << 2))
      + l.inverseTemperature * load<f32>(l.slotTops + (<usize>slot << 2));
    if (bound < least) continue; // the threshold has risen meanwhile
    const offset = l.bucketOffsets + (<usize>bucket << 2);
    if (position < 0) position = load<i32>(offset);
    const end = load<i32>(offset, 4), needed = f32x4.splat(least - base);
    for (; position < end && out + 16 <= behind; position += 4) {
      const o = <usize>position << 2;
      let own = f32x4.mul(slope, v128.load(l.residualNorms + o));
      if (l.bias) own = f32x4.add(own, f32x4.mul(scale, v128.load(l.bias + o)));
      let lanes = i32x4.bitmask(f32x4.ge(own, needed)) & ((1 << min(end - position, 4)) - 1);
      if (filters) lanes = lanesLeft(l, position, lanes);
      v128.store(out, i8x16.swizzle(i32x4.add(i32x4.splat(position), i32x4(0, 1, 2, 3)), compaction(lanes)));
      out += <usize>popcnt(lanes) << 2;
    }
    if (position < end) break;
  }
  s.cursorSlot = <f64>index;
  s.cursorPosition = <f64>position;
  return <i32>((out - l.drawPositions) >> 2);
}

/** Returns s_b of a bucket in f32. */
function subScore(l: Layout, bucket: i32): f32 {
  const code = load<i32>(l.bucketCodes + (<usize>bucket << 2));
  return load<f32>(l.subScores1 + (<usize>(code >> l.bits) << 2))
    + load<f32>(l.subScores2 + (<usize>(code & (l.codewordCount - 1)) << 2));
}
