import { Layout, Search } from "../layout";
import { sumLanes4I32 } from "../lanes";
import { within } from "./reservoir";

// A first pass over int8 rows, with the query rounded to a sign and 7 bits, one byte a value. The dot product of relaxed SIMD
// needs a second operand below 128: only then do all engines agree. So the signs go to the rows, as the bits of n, which
// are all 0 or all 1. The integers are exact in both builds (docs/method.md, section 5).
//
//   z~ = ratio · z8 + rest, |z8| <= 127:   <z8, r> = Σ (r ^ n) |z8| + Σ (of the negative z8) |z8|
//
// because r ^ n is -r - 1 where n is all ones. <rest, r> is at most |rest| |r|. A row whose score cannot reach a threshold
// even with this term needs no pass with all 16 bits.

const LARGEST: f64 = 127;
/** The rounding of f32 sums and products of a few terms, relative to the largest possible score. */
const ROUNDING: f64 = 1.9073486328125e-6; // 2^-19

/**
 * Returns 1 if rows are read with relaxed SIMD. Without it, a pass with 7 bits takes no less time than one with all 16.
 */
export function hasRelaxedDot(): i32 {
  return ASC_FEATURE_RELAXED_SIMD ? 1 : 0;
}

/**
 * Rounds the prepared query to signs and 7 bits. Stores the 7 bits in the place of drawLogQ, behind them the signs, a byte a
 * value each, and their correction in negativeSum. Returns the ratio: the size of a unit of the 7 bits in units of the 16
 * bits. O(D).
 */
export function quantiseQuery(layout: usize): f64 {
  const l = changetype<Layout>(layout);
  let largest = 0;
  for (let i: usize = 0; i < <usize>l.dim; i++) largest = max(largest, abs(<i32>load<i16>(l.fixedQuery + (i << 1))));
  const ratio = <f64>max(largest, 1) / LARGEST;
  const signs = l.drawLogQ + <usize>l.rowBytes;
  memory.fill(l.drawLogQ, 0, 2 * <usize>l.rowBytes);
  let negatives = 0;
  for (let i: usize = 0; i < <usize>l.dim; i++) {
    const value = <i32>nearest(<f64>load<i16>(l.fixedQuery + (i << 1)) / ratio);
    store<u8>(l.drawLogQ + i, <u8>abs(value));
    if (value >= 0) continue;
    store<u8>(signs + i, 255);
    negatives -= value;
  }
  changetype<Search>(l.search).negativeSum = <f64>negatives;
  return ratio;
}

/**
 * Returns the most that 7 bits and rounding can take from the score of a row. O(D). The query must be in 7 bits
 * (quantiseQuery) and its bounds prepared (prepareBounds).
 */
export function sevenBitMargin(layout: usize, ratio: f64): f64 {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  let square: f64 = 0;
  for (let i: usize = 0; i < <usize>l.dim; i++) {
    const value = <f64>load<u8>(l.drawLogQ + i);
    const rest = abs<f64>(<f64>load<i16>(l.fixedQuery + (i << 1))) - ratio * value;
    square += rest * rest;
  }
  const rowBound = <f64>l.rowBound;
  return sqrt(square) * s.queryStep * rowBound
    + s.slack / <f64>l.inverseTemperature + (s.queryNorm * rowBound + <f64>l.biasBound) * ROUNDING;
}

/**
 * Writes the positions of the rows in [first, end) that are not excluded and whose score can reach `threshold` to
 * drawPositions, ascending, and returns how many there are. O((end - first) D).
 *
 * `first` must be a multiple of 4, and end - first at most the planned number of draws. `ratio` comes from quantiseQuery and
 * `margin` from sevenBitMargin. If scores are refined, the most that residuals may add counts too.
 */
export function rowsReaching(layout: usize, ratio: f64, margin: f64, first: i32, end: i32, threshold: f32): i32 {
  const l = changetype<Layout>(layout);
  const query = l.drawLogQ, stride = <usize>l.rowBytes;
  const least = f32x4.splat(<f32>(<f64>threshold - margin - abs(<f64>threshold) * ROUNDING));
  const step = f32x4.splat(<f32>(ratio * changetype<Search>(l.search).queryStep));
  const reach = f32x4.splat(<f32>changetype<Search>(l.search).refinement);
  const negatives = i32x4.splat(<i32>changetype<Search>(l.search).negativeSum);
  let count = 0, row = l.rows + <usize>first * stride;
  for (let position = first; position < end; position += 4, row += 4 * stride) {
    const sums = dot4Seven(query, row, row + stride, row + 2 * stride, row + 3 * stride, stride);
    const dots = f32x4.convert_i32x4_s(i32x4.add(sums, negatives));
    const scales = v128.load(l.rowScales + (<usize>position << 2));
    let scores = f32x4.add(f32x4.mul(dots, f32x4.mul(scales, step)), f32x4.mul(scales, reach));
    if (l.bias) scores = f32x4.add(scores, v128.load(l.bias + (<usize>position << 2)));
    let lanes = i32x4.bitmask(v128.and(f32x4.ge(scores, least), within(position, first, end)));
    if (!lanes) continue;
    if (l.excluded) lanes &= ~(<i32>load<u8>(l.excluded + (<usize>position >> 3)) >> (position & 4));
    for (; lanes; lanes &= lanes - 1, count++) {
      store<i32>(l.drawPositions + (<usize>count << 2), position + ctz(lanes));
    }
  }
  return count;
}

/** Returns Σ (r ^ n) |z8| of four rows. The signs n stand behind the 7 bits, at query + stride. */
// @ts-ignore: decorator
@inline
function dot4Seven(query: usize, row0: usize, row1: usize, row2: usize, row3: usize, stride: usize): v128 {
  let a0 = i32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  for (let o: usize = 0; o < stride; o += 16) {
    const q = v128.load(query + o), signs = v128.load(query + o + stride);
    a0 = addDot(v128.xor(v128.load(row0 + o), signs), q, a0);
    a1 = addDot(v128.xor(v128.load(row1 + o), signs), q, a1);
    a2 = addDot(v128.xor(v128.load(row2 + o), signs), q, a2);
    a3 = addDot(v128.xor(v128.load(row3 + o), signs), q, a3);
  }
  return sumLanes4I32(a0, a1, a2, a3);
}

/** Returns sums + the products of 16 bytes with 16 numbers of at most 127, added in groups of four. */
// @ts-ignore: decorator
@inline
function addDot(row: v128, seven: v128, sums: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(row, seven, sums);
  const low = i16x8.extmul_low_i8x16_s(row, seven), high = i16x8.extmul_high_i8x16_s(row, seven);
  return i32x4.add(sums, i32x4.add(i32x4.extadd_pairwise_i16x8_s(low), i32x4.extadd_pairwise_i16x8_s(high)));
}
