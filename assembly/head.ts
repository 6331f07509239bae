import { BLOCK_QUADS, BLOCK_SLOTS } from "../src/abi";
import { isFiltered, listPositions, listRange } from "./filter";
import { compaction, maxLanesI32, sumLanesI32 } from "./lanes";
import { Layout, Search } from "./layout";

/**
 * The least key that makes a bucket a candidate. For masses it is 2^-124 as f32 bits: below it a factor may have been clamped
 * to e^-87 (exp4), so the order means nothing. For logarithms it lies just above -2^126: below it there are only empty slots.
 */
export const MASS_FLOOR: i32 = 0x01800000;
export const LOG_FLOOR: i32 = 0x81800000;

/** At most this many buckets near the cut are ordered one by one. */
const SMALL_ENOUGH = 24;

/** The number of blocks that are counted to find a threshold. */
const COUNTED_BLOCKS = 256;

/**
 * Chooses the head (docs/method.md, section 3) and returns its number of classes. The outliers are in every head, and count
 * towards `scan` up to a quarter of it, unless changes added them. Buckets enter by descending mass per class, ties by lower
 * bucket, until the first that would bring the head over max(scan, k) classes. The bucket that completes k classes is always
 * taken. Leaves headSlots and headBuckets in ascending order, and headBucketCount.
 *
 * slotKeys, slotCounts and blockMaxima must be those of this query, and `floor` must fit the keys: MASS_FLOOR after
 * bucketMasses, LOG_FLOOR after bucketLogMasses. Buckets with smaller keys are no candidates, so the head can have
 * fewer than k classes.
 *
 * The order is by mass per class because the budget is in classes. By mass alone, one bucket of 22,657 rare classes
 * ends the head early (100,000-class layer, scan 1,024: total variation 0.081 by mass, 0.045 by mass per class).
 *
 * O(blocks) for a threshold on blockMaxima that lets enough classes through, then a bisection among the slots above it
 * for the exact cut.
 */
export function selectHead(layout: usize, floor: i32, scan: i32, k: i32): i32 {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const outliers = l.allowedOutliers, inBuckets = l.allowedCount - outliers;
  k = max(k - outliers, 0);
  const counted = min(outliers - l.addedOutliers, scan >> 2);
  const target = min(max(scan - counted, k), inBuckets);
  s.headBucketCount = 0;
  if (target == 0) return outliers;
  if (target == inBuckets) return outliers + takeEverything(l);

  const top = highestKey(l);
  // At most half of the lanes: a head of a tenth of all classes needs no more, and a threshold that lets everything
  // through sorts everything.
  let wanted = max(16, min(<i32>((<i64>target * 3) >> 3), l.blockCount << 1));
  let high = top, candidates = 0, threshold = 0;
  do {
    threshold = thresholdFor(l, floor, high, wanted);
    candidates = gather(l, threshold);
    high = threshold;
    // Blocks that were not counted may be fuller than those that were. Beyond all classes the count says nothing more,
    // so the next threshold is the floor.
    wanted = wanted < l.itemCount ? wanted << 1 : i32.MAX_VALUE;
  } while (threshold > floor && sumCounts(l, candidates) < target);
  return outliers + cut(l, candidates, threshold, top, target, k);
}

/** Takes every bucket into the head and returns the number of their classes that are not excluded. */
function takeEverything(l: Layout): i32 {
  let taken: usize = 0;
  for (let slot = 0, end = l.blockCount * BLOCK_SLOTS; slot < end; slot++) {
    const bucket = load<i32>(l.slotBuckets + (<usize>slot << 2));
    if (bucket < 0) continue;
    store<i32>(l.headSlots + taken, slot);
    store<i32>(l.headBuckets + taken, bucket);
    taken += 4;
  }
  changetype<Search>(l.search).headBucketCount = <f64>(taken >> 2);
  return l.allowedCount - l.allowedOutliers;
}

/** Returns the largest key of all slots. */
function highestKey(l: Layout): i32 {
  let top = i32x4.splat(i32.MIN_VALUE);
  const end = l.blockMaxima + (<usize>l.blockCount << 4);
  for (let p = l.blockMaxima; p < end; p += 16) top = i32x4.max_s(top, v128.load(p));
  return maxLanesI32(top);
}

/**
 * Returns a key that `wanted` to 1.5 · `wanted` lanes of blockMaxima reach, or `floor` if too few lanes reach it. If
 * there are many blocks, only a part of them, evenly spaced, is counted.
 */
function thresholdFor(l: Layout, floor: i32, high: i32, wanted: i32): i32 {
  const stride = max(1, l.blockCount / COUNTED_BLOCKS);
  const step = <usize>stride << 4, least = max(1, wanted / stride);
  let low = <i64>floor, above = <i64>high + 1;
  const end = l.blockMaxima + (<usize>l.blockCount << 4);
  while (above - low > 1) {
    const middle = <i32>((low + above) >> 1);
    const key = i32x4.splat(middle);
    let counts = i32x4.splat(0);
    for (let p = l.blockMaxima; p < end; p += step) counts = i32x4.sub(counts, i32x4.ge_s(v128.load(p), key));
    const count = sumLanesI32(counts);
    if (count < least) above = middle;
    else if (count > least + (least >> 1)) low = middle;
    else return middle;
  }
  return <i32>low;
}

/**
 * Gathers the slots with key >= threshold, ascending, with their keys and numbers of classes, and returns how many
 * there are. The lists are padded to a multiple of 4 with entries that never count.
 *
 * Quads are compacted without branches: 5 µs for 1,000 candidates, 15 µs with branches.
 */
function gather(l: Layout, threshold: i32): i32 {
  const key = i32x4.splat(threshold);
  const slotKeys = l.slotKeys, slotCounts = l.slotCounts;
  const slots = l.candidateSlots, keys = l.candidateKeys, counts = l.candidateCounts;
  // The blocks that contain such a slot are listed first, in headBuckets, which is still unused.
  const blocks = l.headBuckets;
  let last = blocks;
  for (let block: usize = 0, end = <usize>l.blockCount; block < end; block++) {
    store<i32>(last, <i32>block);
    last += <usize>i32(v128.any_true(i32x4.ge_s(v128.load(l.blockMaxima + (block << 4)), key))) << 2;
  }
  let found: usize = 0;
  for (let p = blocks; p < last; p += 4) {
    const block = <usize>load<i32>(p);
    let slot = i32x4.add(i32x4.splat(<i32>block * BLOCK_SLOTS), i32x4(0, 1, 2, 3));
    for (let o = block * (BLOCK_SLOTS << 2), end = o + (BLOCK_SLOTS << 2); o < end; o += 16) {
      const four = v128.load(slotKeys + o);
      const lanes = i32x4.bitmask(i32x4.ge_s(four, key));
      const order = compaction(lanes);
      v128.store(slots + found, i8x16.swizzle(slot, order));
      v128.store(keys + found, i8x16.swizzle(four, order));
      v128.store(counts + found, i8x16.swizzle(v128.load(slotCounts + o), order));
      found += <usize>popcnt(lanes) << 2;
      slot = i32x4.add(slot, i32x4.splat(4));
    }
  }
  v128.store(keys + found, i32x4.splat(i32.MIN_VALUE));
  v128.store(counts + found, i32x4.splat(0));
  return <i32>(found >> 2);
}

/** Returns the number of classes of the gathered candidates. */
function sumCounts(l: Layout, candidates: i32): i32 {
  let sum = i32x4.splat(0);
  const end = l.candidateCounts + (<usize>candidates << 2);
  for (let p = l.candidateCounts; p < end; p += 16) sum = i32x4.add(sum, v128.load(p));
  return sumLanesI32(sum);
}

/**
 * Finds the exact cut among the candidates, whose keys lie in [low, top], and stores the head. Returns its number of
 * classes.
 */
function cut(l: Layout, candidates: i32, low: i32, top: i32, target: i32, k: i32): i32 {
  const keys = l.candidateKeys, counts = l.candidateCounts;
  const end = <usize>candidates << 2;
  // Candidates with key >= above all fit. The first that does not fit, if there is one, has key >= below.
  let below = <i64>low, above = <i64>top + 1;
  let undecided = candidates, sure = 0, taken = 0;
  while (undecided - sure > SMALL_ENOUGH && above - below > 1) {
    const middle = <i32>((below + above) >> 1);
    const key = i32x4.splat(middle);
    let sums = i32x4.splat(0), hits = i32x4.splat(0);
    for (let o: usize = 0; o < end; o += 16) {
      const hit = i32x4.ge_s(v128.load(keys + o), key);
      sums = i32x4.add(sums, v128.and(hit, v128.load(counts + o)));
      hits = i32x4.sub(hits, hit);
    }
    const sum = sumLanesI32(sums);
    if (sum <= target) {
      above = middle;
      taken = sum;
      sure = sumLanesI32(hits);
    } else {
      below = middle;
      undecided = sumLanesI32(hits);
    }
  }
  // The rest is taken in order. `cutKey` and `cutOffset` identify the last candidate taken.
  const listed = sortBetween(l, end, below, above);
  let cutKey = above, cutOffset: usize = end;
  for (let p = l.headBuckets, last = p + listed; p < last; p += 4) {
    const o = <usize>load<i32>(p);
    const count = load<i32>(counts + o);
    if (taken >= k && taken + count > target) break;
    taken += count;
    cutKey = <i64>load<i32>(keys + o);
    cutOffset = o;
  }
  let chosen: usize = 0;
  for (let o: usize = 0; o < end; o += 4) {
    const key = <i64>load<i32>(keys + o);
    const slot = load<i32>(l.candidateSlots + o);
    store<i32>(l.headSlots + chosen, slot); // stays only if `chosen` advances
    store<i32>(l.headBuckets + chosen, load<i32>(l.slotBuckets + (<usize>slot << 2)));
    chosen += <usize>(i32(key > cutKey) | (i32(key == cutKey) & i32(o <= cutOffset))) << 2;
  }
  changetype<Search>(l.search).headBucketCount = <f64>(chosen >> 2);
  return taken;
}

/**
 * Lists the offsets of the candidates with below <= key < above in headBuckets, which is still unused, by descending
 * key and stable for ties. Returns the bytes written. An insertion sort is enough: the candidates are few, or all
 * equal.
 */
function sortBetween(l: Layout, end: usize, below: i64, above: i64): usize {
  const keys = l.candidateKeys, list = l.headBuckets;
  let listed: usize = 0;
  for (let o: usize = 0; o < end; o += 4) {
    const key = load<i32>(keys + o);
    if (<i64>key < below || <i64>key >= above) continue;
    let at = listed;
    for (; at > 0; at -= 4) {
      const before = load<i32>(list + at - 4);
      if (load<i32>(keys + <usize>before) >= key) break;
      store<i32>(list + at, before);
    }
    store<i32>(list + at, <i32>o);
    listed += 4;
  }
  return listed;
}

/**
 * Writes the positions of the head's classes that are not excluded, outliers included, to headPositions, ascending, and
 * returns their number. headBuckets must be in place (selectHead).
 */
export function headPositions(layout: usize): i32 {
  const l = changetype<Layout>(layout);
  const listsAll = !isFiltered(l);
  let out = l.headPositions;
  const end = l.headBuckets + (<usize>changetype<Search>(l.search).headBucketCount << 2);
  for (let p = l.headBuckets; p < end; p += 4) {
    const offset = l.bucketOffsets + (<usize>load<i32>(p) << 2);
    const first = load<i32>(offset), last = load<i32>(offset, 4);
    out = listsAll ? listRange(first, last, out) : listPositions(layout, first, last, out);
  }
  out = listPositions(layout, l.itemCount - l.outlierCount, l.itemCount, out);
  return <i32>((out - l.headPositions) >> 2);
}
