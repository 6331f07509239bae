import { compaction, sumLanesI32 } from "../lanes";
import { Layout, Search } from "../layout";

/**
 * Cuts the reservoir of `count` candidates to the `keep` with the largest keys, in their order. Ties go to those that
 * came first. Returns the smallest key kept: later candidates must have a larger one. O(count), for at most 32 passes.
 * 0 < keep <= count.
 */
export function keepBest(layout: usize, count: i32, keep: i32): i32 {
  const l = changetype<Layout>(layout);
  const keys = l.reservoirKeys, positions = l.reservoirPositions;
  v128.store(keys + (<usize>count << 2), i32x4.splat(i32.MIN_VALUE));
  const end = keys + (<usize>count << 2);
  let low = <i64>i32.MIN_VALUE, above = <i64>i32.MAX_VALUE + 1; // at least `keep` keys reach low, and fewer reach above
  while (above - low > 1) {
    const middle = (low + above) >> 1;
    if (reaching(keys, end, <i32>middle) >= keep) low = middle;
    else above = middle;
  }
  const least = <i32>low;
  let ties = keep - (least < i32.MAX_VALUE ? reaching(keys, end, least + 1) : 0);
  let kept: usize = 0;
  for (let p = keys, q = positions; p < end; p += 4, q += 4) {
    const key = load<i32>(p);
    if (key < least || (key == least && ties-- <= 0)) continue;
    store<i32>(keys + kept, key);
    store<i32>(positions + kept, load<i32>(q));
    kept += 4;
  }
  return least;
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
 * Offers the four rows from `position` on to the reservoir of `count` candidates and returns its new size. A row enters
 * if it is in [first, end), is not excluded and has a key above the floor. Four entries are written in any case.
 */
function offer(l: Layout, position: i32, keys: v128, first: i32, end: i32, count: i32): i32 {
  const floor = i32x4.splat(<i32>changetype<Search>(l.search).reservoirFloor);
  const positions = i32x4.add(i32x4.splat(position), i32x4(0, 1, 2, 3));
  let lanes = i32x4.bitmask(v128.and(within(position, first, end), i32x4.gt_s(keys, floor)));
  if (l.excluded && lanes) lanes &= ~(<i32>load<u8>(l.excluded + (<usize>position >> 3)) >> (position & 4));
  const at = <usize>count << 2, order = compaction(lanes & 15);
  v128.store(l.reservoirPositions + at, i8x16.swizzle(positions, order));
  v128.store(l.reservoirKeys + at, i8x16.swizzle(keys, order));
  return count + popcnt(lanes & 15);
}

// With "export function" the compiler would warn that an embedder might call it with a v128. No export of the module
// takes one.
export { offer };
