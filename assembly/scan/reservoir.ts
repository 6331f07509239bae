import { lanesLeft } from "../filter";
import { compaction, maxLanesI32, sumLanesI32 } from "../lanes";
import { Layout, Search } from "../layout";

/**
 * Cuts the reservoir of `count` candidates to the `keep` with the largest keys, in their order. Ties go to those that
 * came first. Returns the smallest key kept: later candidates must have a larger one. O(count) a pass: about log₂ count
 * passes, and at most 34. 0 < keep <= count.
 */
export function keepBest(layout: usize, count: i32, keep: i32): i32 {
  const l = changetype<Layout>(layout);
  const keys = l.reservoirKeys, end = keys + (<usize>count << 2);
  v128.store(end, v128.load32_splat(end - 4));
  let low = <i64>leastOf(keys, end), above = <i64>largestOf(keys, end) + 1; // at least `keep` keys reach low, and fewer reach above
  v128.store(end, i32x4.splat(i32.MIN_VALUE));
  let ties = keep; // how many of the keys that equal low may stay
  let isFound = count == keep;
  while (!isFound && above - low > 1) {
    const middle = (low + above) >> 1, reached = reaching(keys, end, <i32>middle);
    if (reached >= keep) low = middle;
    else above = middle;
    isFound = reached == keep; // the cut is between two keys: it need not be at the smaller
  }
  if (!isFound && low < i32.MAX_VALUE) ties = keep - reaching(keys, end, <i32>low + 1);
  compact(keys, end, l.reservoirPositions, <i32>low, ties);
  const kept = keys + (<usize>keep << 2);
  v128.store(kept, v128.load32_splat(kept - 4));
  return leastOf(keys, kept);
}

/**
 * Moves the candidates with a key above `least`, and the first `ties` of those that equal it, to the front. It takes four at a
 * time: with a branch for each, every second one would be mispredicted.
 */
function compact(keys: usize, end: usize, positions: usize, least: i32, ties: i32): void {
  const splat = i32x4.splat(least);
  for (let p = keys, q = positions; p < end; p += 16, q += 16) {
    const four = v128.load(p);
    let equal = i32x4.bitmask(i32x4.eq(four, splat));
    while (popcnt(equal) > ties) equal &= ~(<i32>0x80000000 >>> clz(equal)); // the last of them
    ties -= popcnt(equal);
    const lanes = equal | i32x4.bitmask(i32x4.gt_s(four, splat)), order = compaction(lanes);
    v128.store(positions, i8x16.swizzle(v128.load(q), order));
    v128.store(keys, i8x16.swizzle(four, order));
    positions += <usize>popcnt(lanes) << 2;
    keys += <usize>popcnt(lanes) << 2;
  }
}

/** Returns the smallest key in [keys, end). The last vector must be filled with a copy of one. */
function leastOf(keys: usize, end: usize): i32 {
  let least = v128.load(keys);
  for (let p = keys + 16; p < end; p += 16) least = i32x4.min_s(least, v128.load(p));
  return ~maxLanesI32(v128.not(least));
}

/** Returns the largest key in [keys, end). The last vector must be filled with a copy of one. */
function largestOf(keys: usize, end: usize): i32 {
  let largest = v128.load(keys);
  for (let p = keys + 16; p < end; p += 16) largest = i32x4.max_s(largest, v128.load(p));
  return maxLanesI32(largest);
}

/** Returns how many keys in [keys, end) reach `key`. The last vector is filled with the smallest number of all. */
function reaching(keys: usize, end: usize, key: i32): i32 {
  const splat = i32x4.splat(key);
  let counts = i32x4.splat(0);
  for (let p = keys; p < end; p += 16) counts = i32x4.sub(counts, i32x4.ge_s(v128.load(p), splat));
  return sumLanesI32(counts);
}

/** Maps f32 to i32 with the order kept. */
// @ts-ignore: decorator
@inline
export function keyOf(scores: v128): v128 {
  return v128.xor(scores, v128.and(i32x4.shr_s(scores, 31), i32x4.splat(0x7fffffff)));
}

/** Returns the score of a key. */
// @ts-ignore: decorator
@inline
export function scoreOf(key: i32): f32 {
  return reinterpret<f32>(key ^ ((key >> 31) & 0x7fffffff));
}

/** Returns a mask of the four rows from `position` on that are in [first, end). */
// @ts-ignore: decorator
@inline
export function within(position: i32, first: i32, end: i32): v128 {
  const positions = i32x4.add(i32x4.splat(position), i32x4(0, 1, 2, 3));
  return v128.and(i32x4.ge_s(positions, i32x4.splat(first)), i32x4.lt_s(positions, i32x4.splat(end)));
}

/**
 * Offers those of the four rows from `position` on whose bit is set in `open` to the reservoir of `count` candidates, and
 * returns its new size. A row enters if its key is above the floor. Four entries are written in any case.
 */
function offer(l: Layout, position: i32, keys: v128, open: i32, count: i32): i32 {
  const floor = i32x4.splat(<i32>changetype<Search>(l.search).reservoirFloor);
  const positions = i32x4.add(i32x4.splat(position), i32x4(0, 1, 2, 3));
  let lanes = i32x4.bitmask(i32x4.gt_s(keys, floor)) & open;
  if (l.thinned | l.thinnedBits) lanes = lanesLeft(l, position, lanes);
  const at = <usize>count << 2, order = compaction(lanes);
  v128.store(l.reservoirPositions + at, i8x16.swizzle(positions, order));
  v128.store(l.reservoirKeys + at, i8x16.swizzle(keys, order));
  return count + popcnt(lanes);
}

// With "export function" the compiler would warn that an embedder might call it with a v128. No export of the module
// takes one.
export { offer };
