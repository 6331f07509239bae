import { BLOCK_QUADS, BLOCK_SLOTS } from "../src/abi";
import { maxLanesI32, sumLanesI32 } from "./lanes";
import { Layout, Search } from "./layout";

/** Least key of a bucket: a mass above 0, and anything but the mark of an empty slot. */
export const MASS_FLOOR: i32 = 1;
export const KEY_FLOOR: i32 = i32.MIN_VALUE + 1;

/** Buckets near the cut that are put in order one by one. */
const SMALL_ENOUGH = 24;

/**
 * Chooses the head (method: section 3): buckets by descending mass, ties by lower bucket, up to the first that would
 * bring the head over max(scan, k) classes; the bucket that completes k is always taken. Leaves headSlots and
 * headBuckets in ascending order and returns the head's number of classes.
 *
 * Works on order keys of at least `floor`: the bits of the masses (MASS_FLOOR), or the keys of bucketLogMasses
 * (KEY_FLOOR). A threshold that lets through enough classes is found on blockMaxima, the slots above it are gathered,
 * and the exact cut is found among those by bisection.
 */
export function selectHead(layout: usize, floor: i32, scan: i32, k: i32): i32 {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const target = min(max(scan, k), l.itemCount);
  s.headBucketCount = 0;
  if (target == 0) return 0;
  if (target == l.itemCount) return takeEverything(l);

  const top = highestKey(l);
  let wanted = max(16, <i32>(<f64>target * <f64>l.bucketCount / <f64>l.itemCount));
  let high = top, candidates = 0, classes = 0, threshold = 0;
  do {
    threshold = thresholdFor(l, floor, high, wanted);
    candidates = gather(l, threshold);
    classes = 0;
    for (let i = 0; i < candidates; i++) classes += load<i32>(l.candidateCounts + (<usize>i << 2));
    high = threshold;
    wanted *= 3;
  } while (classes < target && threshold > floor);
  return cut(l, candidates, threshold, top, target, k);
}

/** All buckets are the head. */
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
  return l.itemCount;
}

function highestKey(l: Layout): i32 {
  let top = i32x4.splat(i32.MIN_VALUE);
  const end = l.blockMaxima + (<usize>l.blockCount << 4);
  for (let p = l.blockMaxima; p < end; p += 16) top = i32x4.max_s(top, v128.load(p));
  return maxLanesI32(top);
}

/** A key at or above which between `wanted` and twice as many lanes of blockMaxima lie; `floor` where there are fewer. */
function thresholdFor(l: Layout, floor: i32, high: i32, wanted: i32): i32 {
  let low = <i64>floor, above = <i64>high + 1;
  const end = l.blockMaxima + (<usize>l.blockCount << 4);
  while (above - low > 1) {
    const middle = <i32>((low + above) >> 1);
    const key = i32x4.splat(middle);
    let counts = i32x4.splat(0);
    for (let p = l.blockMaxima; p < end; p += 16) counts = i32x4.sub(counts, i32x4.ge_s(v128.load(p), key));
    const count = sumLanesI32(counts);
    if (count < wanted) above = middle;
    else if (count > wanted << 1) low = middle;
    else return middle;
  }
  return <i32>low;
}

/** Slots with key >= threshold, ascending, with their keys and numbers of classes; padded to 4 with nothing. */
function gather(l: Layout, threshold: i32): i32 {
  const key = i32x4.splat(threshold);
  const masses = l.slotMasses, offsets = l.bucketOffsets, slotBuckets = l.slotBuckets;
  const slots = l.candidateSlots, keys = l.candidateKeys, counts = l.candidateCounts;
  let found: usize = 0;
  for (let block: usize = 0, blocks = <usize>l.blockCount; block < blocks; block++) {
    if (!v128.any_true(i32x4.ge_s(v128.load(l.blockMaxima + (block << 4)), key))) continue;
    for (let quad = block * BLOCK_QUADS, end = quad + BLOCK_QUADS; quad < end; quad++) {
      let lanes = i32x4.bitmask(i32x4.ge_s(v128.load(masses + (quad << 4)), key));
      while (lanes) {
        const slot = (quad << 2) + <usize>ctz(lanes);
        lanes &= lanes - 1;
        const offset = offsets + (<usize>load<i32>(slotBuckets + (slot << 2)) << 2);
        store<i32>(slots + found, <i32>slot);
        store<i32>(keys + found, load<i32>(masses + (slot << 2)));
        store<i32>(counts + found, load<i32>(offset, 4) - load<i32>(offset));
        found += 4;
      }
    }
  }
  v128.store(keys + found, i32x4.splat(i32.MIN_VALUE));
  v128.store(counts + found, i32x4.splat(0));
  return <i32>(found >> 2);
}

/** The exact cut among the candidates; keys lie in [low, top]. */
function cut(l: Layout, candidates: i32, low: i32, top: i32, target: i32, k: i32): i32 {
  const keys = l.candidateKeys, counts = l.candidateCounts;
  const end = <usize>candidates << 2;
  // All of key >= above fit; the first that does not fit, if any, has key >= below.
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
  // One by one from here: by descending key, then ascending slot. `cutKey`, `cutIndex` name the last one taken.
  let cutKey = above, cutIndex: usize = end;
  while (true) {
    let best: i64 = below - 1, bestIndex = end;
    for (let o: usize = cutKey == below ? cutIndex + 4 : 0; o < end; o += 4) {
      const key = <i64>load<i32>(keys + o);
      if (key <= best || key > cutKey || (key == cutKey && o <= cutIndex)) continue;
      best = key;
      bestIndex = o;
      if (key == above - 1) break; // none can be better, and earlier slots come first
    }
    if (bestIndex == end) break;
    const count = load<i32>(counts + bestIndex);
    if (taken >= k && taken + count > target) break;
    taken += count;
    cutKey = best;
    cutIndex = bestIndex;
  }
  let chosen: usize = 0;
  for (let o: usize = 0; o < end; o += 4) {
    const key = <i64>load<i32>(keys + o);
    if (key < cutKey || (key == cutKey && o > cutIndex)) continue;
    const slot = load<i32>(l.candidateSlots + o);
    store<i32>(l.headSlots + chosen, slot);
    store<i32>(l.headBuckets + chosen, load<i32>(l.slotBuckets + (<usize>slot << 2)));
    chosen += 4;
  }
  changetype<Search>(l.search).headBucketCount = <f64>(chosen >> 2);
  return taken;
}

/** headPositions: the classes of the head, ascending. */
export function headPositions(layout: usize): void {
  const l = changetype<Layout>(layout);
  let out = l.headPositions;
  const end = l.headBuckets + (<usize>changetype<Search>(l.search).headBucketCount << 2);
  for (let p = l.headBuckets; p < end; p += 4) {
    const offset = l.bucketOffsets + (<usize>load<i32>(p) << 2);
    for (let position = load<i32>(offset), last = load<i32>(offset, 4); position < last; position++, out += 4) {
      store<i32>(out, position);
    }
  }
}
