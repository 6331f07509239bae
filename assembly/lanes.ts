// Reductions across the lanes of a vector. All kernels add in the one order that is fixed here, so sums have the same
// bits everywhere.

/** Sums four vectors at once: lane i of the result is (v_i[0] + v_i[2]) + (v_i[1] + v_i[3]). */
// @ts-ignore: decorator
@inline
export function sumLanes4(v0: v128, v1: v128, v2: v128, v3: v128): v128 {
  const low = f32x4.add(v128.shuffle<f32>(v0, v1, 0, 1, 4, 5), v128.shuffle<f32>(v0, v1, 2, 3, 6, 7));
  const high = f32x4.add(v128.shuffle<f32>(v2, v3, 0, 1, 4, 5), v128.shuffle<f32>(v2, v3, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<f32>(low, high, 0, 2, 4, 6), v128.shuffle<f32>(low, high, 1, 3, 5, 7));
}

/** Sums four vectors of i32 at once. Integer sums do not depend on the order. */
// @ts-ignore: decorator
@inline
export function sumLanes4I32(v0: v128, v1: v128, v2: v128, v3: v128): v128 {
  const low = i32x4.add(v128.shuffle<i32>(v0, v1, 0, 1, 4, 5), v128.shuffle<i32>(v0, v1, 2, 3, 6, 7));
  const high = i32x4.add(v128.shuffle<i32>(v2, v3, 0, 1, 4, 5), v128.shuffle<i32>(v2, v3, 2, 3, 6, 7));
  return i32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.shuffle<i32>(low, high, 1, 3, 5, 7));
}

/** Returns (v[0] + v[2]) + (v[1] + v[3]). */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  const pair = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 2, 3));
  return f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1);
}

/** Returns the sum of four i32 lanes. */
// @ts-ignore: decorator
@inline
export function sumLanesI32(v: v128): i32 {
  const pair = i32x4.add(v, v128.shuffle<i32>(v, v, 2, 3, 2, 3));
  return i32x4.extract_lane(pair, 0) + i32x4.extract_lane(pair, 1);
}

/** Returns the largest of four lanes. */
// @ts-ignore: decorator
@inline
export function maxLanes(v: v128): f32 {
  const pair = f32x4.pmax(v, v128.shuffle<f32>(v, v, 2, 3, 2, 3));
  return max(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1));
}

/** Returns the largest of four i32 lanes. */
// @ts-ignore: decorator
@inline
export function maxLanesI32(v: v128): i32 {
  const pair = i32x4.max_s(v, v128.shuffle<i32>(v, v, 2, 3, 2, 3));
  return max(i32x4.extract_lane(pair, 0), i32x4.extract_lane(pair, 1));
}

/**
 * Returns the largest of `count` f32 values. O(count).
 *
 * `count` must be at least 1. The values are read four at a time, so up to three values behind the last must be
 * readable, and none of these may be larger than the result.
 */
export function maxOf(values: usize, count: i32): f32 {
  let m = v128.load(values);
  for (let p = values + 16, end = values + (<usize>count << 2); p < end; p += 16) m = f32x4.pmax(m, v128.load(p));
  return maxLanes(m);
}

// For each 4-bit mask, the byte shuffle that moves the 32-bit lanes of the mask to the front.
const COMPACT = memory.data<u8>([
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
  0, 1, 2, 3, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
  4, 5, 6, 7, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
  0, 1, 2, 3, 4, 5, 6, 7, 128, 128, 128, 128, 128, 128, 128, 128,
  8, 9, 10, 11, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
  0, 1, 2, 3, 8, 9, 10, 11, 128, 128, 128, 128, 128, 128, 128, 128,
  4, 5, 6, 7, 8, 9, 10, 11, 128, 128, 128, 128, 128, 128, 128, 128,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 128, 128, 128, 128,
  12, 13, 14, 15, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
  0, 1, 2, 3, 12, 13, 14, 15, 128, 128, 128, 128, 128, 128, 128, 128,
  4, 5, 6, 7, 12, 13, 14, 15, 128, 128, 128, 128, 128, 128, 128, 128,
  0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 128, 128, 128, 128,
  8, 9, 10, 11, 12, 13, 14, 15, 128, 128, 128, 128, 128, 128, 128, 128,
  0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 128, 128, 128, 128,
  4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 128, 128, 128, 128,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
]);

/**
 * Returns the shuffle for `lanes`, a bit mask of four: i8x16.swizzle(v, compaction(lanes)) has these lanes in front.
 */
// @ts-ignore: decorator
@inline
export function compaction(lanes: i32): v128 {
  return v128.load(COMPACT + (<usize>lanes << 4));
}

/** Returns the prefix sums of four i32 lanes. */
// @ts-ignore: decorator
@inline
export function prefixLanesI32(v: v128): v128 {
  const zero = i32x4.splat(0);
  v = i32x4.add(v, v128.shuffle<i32>(zero, v, 0, 4, 5, 6));
  return i32x4.add(v, v128.shuffle<i32>(zero, v, 0, 1, 4, 5));
}

/** Returns the prefix sums of the lanes: lane i is v[0] + … + v[i]. */
// @ts-ignore: decorator
@inline
export function prefixLanes(v: v128): v128 {
  const zero = f32x4.splat(0);
  v = f32x4.add(v, v128.shuffle<f32>(zero, v, 0, 4, 5, 6));
  return f32x4.add(v, v128.shuffle<f32>(zero, v, 0, 1, 4, 5));
}
