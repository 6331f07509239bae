import { exp4 } from "./exp";
import { isExcluded } from "./filter";
import { maxLanes } from "./lanes";
import { Layout } from "./layout";
import { log64 } from "./log";

/**
 * Returns the biases of the four classes from `position` on, or zeros without biases: -Infinity for excluded classes and
 * from `end` on. Up to three values behind `end` are read.
 */
// @ts-ignore: decorator
@inline
function biases4(l: Layout, position: i32, end: i32): v128 {
  let biases = l.bias ? v128.load(l.bias + (<usize>position << 2)) : f32x4.splat(0);
  if (position + 4 > end) {
    const isOut = i32x4.ge_s(i32x4.add(i32x4.splat(position), i32x4(0, 1, 2, 3)), i32x4.splat(end));
    biases = v128.bitselect(f32x4.splat(-Infinity), biases, isOut);
  }
  if (!l.excluded) return biases;
  // Two bytes hold the bits of four positions that do not begin a byte.
  const bits = (<i32>load<u16>(l.excluded + <usize>(position >> 3)) >> (position & 7)) & 15;
  if (!bits) return biases;
  const isExcluded = i32x4.ne(v128.and(i32x4.splat(bits), i32x4(1, 2, 4, 8)), i32x4.splat(0));
  return v128.bitselect(f32x4.splat(-Infinity), biases, isExcluded);
}

/** Returns the largest bias of the classes of a bucket that are not excluded, -Infinity without one. */
export function topBias(l: Layout, bucket: i32): f32 {
  const position = load<i32>(l.topPositions + (<usize>bucket << 2));
  if (!isExcluded(l, position)) return l.bias ? load<f32>(l.bias + (<usize>position << 2)) : 0;
  const offset = l.bucketOffsets + (<usize>bucket << 2);
  const first = load<i32>(offset), end = load<i32>(offset, 4);
  let top = f32x4.splat(-Infinity);
  for (let i = first; i < end; i += 4) top = f32x4.pmax(top, biases4(l, i, end));
  return maxLanes(top);
}

/**
 * Returns the sum of e^((bias - top) · scale) over the classes from `first` up to but not including `end`, which is 0 for
 * excluded classes. The terms are f32, and are added in f64: in two lanes if the file has dispersions, and in order in files of
 * format 1.0. With `out` each term is stored there, an f32 for each class.
 */
export function sumWeights(l: Layout, first: i32, end: i32, top: f32, scale: f32, out: usize): f64 {
  const shifts = f32x4.splat(top), scales = f32x4.splat(scale), none = f32x4.splat(-Infinity);
  const isOrdered = l.dispersionBuckets == 0, isPlain = l.bias != 0 && l.excluded == 0 && out != 0 && !isOrdered;
  const whole = isPlain ? first + ((end - first) & ~3) : first;
  let lanes = sumPlain(l.bias + (<usize>first << 2), l.bias + (<usize>whole << 2), shifts, scales, out);
  let total: f64 = 0;
  for (let i = whole; i < end; i += 4) {
    const biases = biases4(l, i, end);
    // exp4 is not 0 for an excluded class.
    const terms = v128.andnot(exp4(f32x4.mul(f32x4.sub(biases, shifts), scales)), f32x4.eq(biases, none));
    if (isOrdered) {
      total += <f64>f32x4.extract_lane(terms, 0);
      total += <f64>f32x4.extract_lane(terms, 1);
      total += <f64>f32x4.extract_lane(terms, 2);
      total += <f64>f32x4.extract_lane(terms, 3);
    } else {
      lanes = addInLanes(lanes, terms);
    }
    if (!out) continue;
    const at = out + (<usize>(i - first) << 2);
    if (i + 4 <= end) {
      v128.store(at, terms);
      continue;
    }
    store<f32>(at, f32x4.extract_lane(terms, 0)); // the next bucket's terms follow
    if (i + 1 < end) store<f32>(at, f32x4.extract_lane(terms, 1), 4);
    if (i + 2 < end) store<f32>(at, f32x4.extract_lane(terms, 2), 8);
  }
  return isOrdered ? total : f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
}

/**
 * Returns the sums of sumWeights in two lanes, over whole vectors of biases from `first` up to but not including `end`, none of an
 * excluded class. The first query at a new knot makes shares of some 30,000 of 1,000,000 classes, and takes 8 % longer without
 * this loop.
 */
function sumPlain(first: usize, end: usize, shifts: v128, scales: v128, out: usize): v128 {
  let lanes = f64x2.splat(0);
  for (; first < end; first += 16, out += 16) {
    const terms = exp4(f32x4.mul(f32x4.sub(v128.load(first), shifts), scales));
    lanes = addInLanes(lanes, terms);
    v128.store(out, terms);
  }
  return lanes;
}

/** Adds four f32 to two f64. */
// @ts-ignore: decorator
@inline
function addInLanes(lanes: v128, terms: v128): v128 {
  lanes = f64x2.add(lanes, f64x2.promote_low_f32x4(terms));
  return f64x2.add(lanes, f64x2.promote_low_f32x4(v128.shuffle<f32>(terms, terms, 2, 3, 2, 3)));
}

/** Returns a bit for each of `count` <= 32 positions from `first` on, set where the class is not excluded. */
// @ts-ignore: decorator
@inline
export function allowedBits(excluded: usize, first: i32, count: i32): u32 {
  const bits = ~(load<u64>(excluded + <usize>(first >> 3)) >> <u64>(first & 7));
  return <u32>(bits & ((<u64>1 << <u64>count) - 1));
}

/** Returns how many classes from `first` up to but not including `end` are not excluded. */
export function countAllowed(l: Layout, first: i32, end: i32): i32 {
  if (!l.excluded) return end - first;
  let count = end - first;
  for (; first < end; first += 32) { // a word and the bits of the byte in front of it
    const bits = load<u64>(l.excluded + <usize>(first >> 3)) >> <u64>(first & 7);
    const own = end - first < 32 ? (<u64>1 << <u64>(end - first)) - 1 : 0xffffffff;
    count -= <i32>popcnt(bits & own);
  }
  return count;
}

/**
 * Returns the logarithm of the sum of e^(bias · scale) over the `count` classes of a bucket that are not excluded, at least
 * one. At `scale` 0 it is the logarithm of their number, and for Infinity the largest bias.
 */
export function logWeightAt(layout: usize, bucket: i32, count: i32, scale: f32): f32 {
  const l = changetype<Layout>(layout);
  const top = topBias(l, bucket);
  if (scale == Infinity) return top;
  if (count == 1) return <f32>(<f64>top * <f64>scale + 0); // the sum is 1, and the logarithm +0
  const offset = l.bucketOffsets + (<usize>bucket << 2);
  return <f32>(<f64>top * <f64>scale + log64(sumWeights(l, load<i32>(offset), load<i32>(offset, 4), top, scale, 0)));
}

/** The smallest normal f32. No portion is less, so a sum of 0 means that there is no class. */
const SMALLEST: f32 = reinterpret<f32>(0x00800000);

/**
 * Writes to `out` the portions of the classes of a bucket at 1 / T = `scale` (exact/portions.ts), an f32 for each class,
 * whatever is excluded. O(classes).
 */
export function portionOut(layout: usize, bucket: i32, scale: f32, out: usize): void {
  const l = changetype<Layout>(layout), excluded = l.excluded;
  l.excluded = 0;
  const offset = l.bucketOffsets + (<usize>bucket << 2);
  const first = load<i32>(offset), end = load<i32>(offset, 4);
  const part = <f32>(1 / sumWeights(l, first, end, topBias(l, bucket), scale, out));
  l.excluded = excluded;
  for (const last = out + (<usize>(end - first) << 2); out < last; out += 4) {
    store<f32>(out, max(load<f32>(out) * part, SMALLEST));
  }
}
