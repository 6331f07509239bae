import { FINE_CODEWORDS } from "../../src/abi";
import { Layout, Search } from "../layout";

/** Two table entries must fit a byte, and the sums over all tables must fit 16 bits. */
const LARGEST_ENTRY: i32 = 127;
const LARGEST_SUM: i32 = 65535;

const LANES: usize = 16;
const CODEBOOK_BYTES: usize = FINE_CODEWORDS * 8; // both values of each codeword

/**
 * Returns the products of two query values with four codewords of a sub-quantizer. Codewords are stored value by value.
 */
// @ts-ignore: decorator
@inline
function products(first: v128, second: v128, codewords: usize): v128 {
  return f32x4.add(
    f32x4.mul(first, v128.load(codewords)),
    f32x4.mul(second, v128.load(codewords, FINE_CODEWORDS * 4)),
  );
}

// @ts-ignore: decorator
@inline
function leastLane(v: v128): f32 {
  const pair = f32x4.min(v, v128.shuffle<f32>(v, v, 2, 3, 2, 3));
  return min(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1));
}

// @ts-ignore: decorator
@inline
function greatestLane(v: v128): f32 {
  const pair = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 2, 3));
  return max(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1));
}

/**
 * Makes the look-up tables of the prepared query in 7 bits (Jégou et al. 2011, and André et al. 2015 for tables in
 * registers), with fineBase and fineStep (docs/method.md, section 8). O(16 D).
 *
 * Entry c of table m is nearest((<q_m, codeword c> - smallest of the table) / fineStep). So the product of a residual
 * and the query is fineBase + fineStep · (sum of its entries), up to an error of fineCount / 2 steps.
 */
export function fineTables(layout: usize): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const count = <usize>l.fineCount;
  let range: f32 = 0, base: f64 = 0;
  for (let m: usize = 0, book = l.fineCodebooks; m < count; m++, book += CODEBOOK_BYTES) {
    const first = v128.load32_splat(l.query + (m << 3)), second = v128.load32_splat(l.query + (m << 3), 4);
    const p0 = products(first, second, book), p1 = products(first, second, book + 16);
    const p2 = products(first, second, book + 32), p3 = products(first, second, book + 48);
    const least = leastLane(f32x4.min(f32x4.min(p0, p1), f32x4.min(p2, p3)));
    range = max(range, greatestLane(f32x4.max(f32x4.max(p0, p1), f32x4.max(p2, p3))) - least);
    base += <f64>least;
  }
  const levels = <f32>min(LARGEST_ENTRY, LARGEST_SUM / l.fineCount);
  // The inverse of a tiny range does not fit f32. Entries then stay below `levels`, in steps of the smallest range
  // whose inverse fits.
  const inverse: f32 = range > 0 ? min(levels / range, f32.MAX_VALUE) : 0;
  s.fineBase = base;
  s.fineStep = range > 0 ? <f64>max<f32>(range / levels, 1 / f32.MAX_VALUE) : 0;
  const scale = f32x4.splat(inverse);
  for (let m: usize = 0, book = l.fineCodebooks; m < count; m++, book += CODEBOOK_BYTES) {
    const first = v128.load32_splat(l.query + (m << 3)), second = v128.load32_splat(l.query + (m << 3), 4);
    const p0 = products(first, second, book), p1 = products(first, second, book + 16);
    const p2 = products(first, second, book + 32), p3 = products(first, second, book + 48);
    const least = f32x4.splat(leastLane(f32x4.min(f32x4.min(p0, p1), f32x4.min(p2, p3))));
    const low = i16x8.narrow_i32x4_s(level(p0, least, scale), level(p1, least, scale));
    const high = i16x8.narrow_i32x4_s(level(p2, least, scale), level(p3, least, scale));
    v128.store(l.fineTables + m * LANES, i8x16.narrow_i16x8_u(low, high));
  }
}

// @ts-ignore: decorator
@inline
function level(products: v128, least: v128, scale: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(f32x4.sub(products, least), scale)));
}
