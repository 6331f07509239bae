import { sumLanes4, sumLanes4I32 } from "./lanes";

// Four rows are taken at a time: the query is loaded once for four rows, and the four sums leave in one vector. Each
// row has one accumulator, whose lane l sums the values l, l + 4, …. This is the order of every f32 inner product of
// the library.

/**
 * Returns the inner products of an f32 query with four f32 rows. `rowBytes` must be a multiple of 16. The function is
 * not inlined: one call for four rows costs next to nothing.
 */
export function dot4F32(query: usize, row0: usize, row1: usize, row2: usize, row3: usize, rowBytes: usize): v128 {
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), a2 = f32x4.splat(0), a3 = f32x4.splat(0);
  for (let o: usize = 0; o < rowBytes; o += 16) {
    const q = v128.load(query + o);
    a0 = f32x4.add(a0, f32x4.mul(q, v128.load(row0 + o)));
    a1 = f32x4.add(a1, f32x4.mul(q, v128.load(row1 + o)));
    a2 = f32x4.add(a2, f32x4.mul(q, v128.load(row2 + o)));
    a3 = f32x4.add(a3, f32x4.mul(q, v128.load(row3 + o)));
  }
  return sumLanes4(a0, a1, a2, a3);
}

/** 2^112: the ratio of the exponent biases of f32 and f16. */
export const HALF_RESCALE: f32 = reinterpret<f32>(0x77800000);

/**
 * Converts four finite f16 values to f32. Exponent and mantissa are moved into place and rescaled by 2^112, which is
 * exact.
 */
// @ts-ignore: decorator
@inline
export function halvesToF32(halves: v128, rescale: v128): v128 {
  const magnitude = i32x4.shl(v128.and(halves, i32x4.splat(0x7fff)), 13);
  const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16);
  return v128.or(f32x4.mul(magnitude, rescale), sign);
}

/** Returns the inner products of an f32 query with four f16 rows. `rowBytes` must be a multiple of 8. */
// @ts-ignore: decorator
@inline
export function dot4F16(query: usize, row0: usize, row1: usize, row2: usize, row3: usize, rowBytes: usize): v128 {
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), a2 = f32x4.splat(0), a3 = f32x4.splat(0);
  const rescale = f32x4.splat(HALF_RESCALE);
  for (let o: usize = 0; o < rowBytes; o += 8) {
    const q = v128.load(query + (o << 1));
    a0 = f32x4.add(a0, f32x4.mul(q, halvesToF32(v128.load16x4_u(row0 + o), rescale)));
    a1 = f32x4.add(a1, f32x4.mul(q, halvesToF32(v128.load16x4_u(row1 + o), rescale)));
    a2 = f32x4.add(a2, f32x4.mul(q, halvesToF32(v128.load16x4_u(row2 + o), rescale)));
    a3 = f32x4.add(a3, f32x4.mul(q, halvesToF32(v128.load16x4_u(row3 + o), rescale)));
  }
  return sumLanes4(a0, a1, a2, a3);
}

/**
 * Returns the inner products of an int16 query with four int8 rows as exact i32 numbers. `rowBytes` must be a multiple
 * of 8. The caller ensures that no sum overflows (assembly/query.ts).
 */
// @ts-ignore: decorator
@inline
export function dot4I8(query: usize, row0: usize, row1: usize, row2: usize, row3: usize, rowBytes: usize): v128 {
  let a0 = i32x4.splat(0), a1 = i32x4.splat(0), a2 = i32x4.splat(0), a3 = i32x4.splat(0);
  for (let o: usize = 0; o < rowBytes; o += 8) {
    const q = v128.load(query + (o << 1));
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(q, v128.load8x8_s(row0 + o)));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(q, v128.load8x8_s(row1 + o)));
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(q, v128.load8x8_s(row2 + o)));
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(q, v128.load8x8_s(row3 + o)));
  }
  return sumLanes4I32(a0, a1, a2, a3);
}

/**
 * Writes <query, rows[i]> to out[i] for `count` consecutive f32 rows: the look-up tables of Babenko & Lempitsky.
 * O(count D).
 *
 * `count` must be at least 1 and `rowBytes` a multiple of 16. `out` needs room for `count` rounded up to 4, and the
 * surplus repeats the product of the last row.
 */
export function dotRows(query: usize, rows: usize, count: i32, rowBytes: i32, out: usize): void {
  const stride = <usize>rowBytes;
  const last = rows + <usize>(count - 1) * stride;
  for (let i = 0; i < count; i += 4, out += 16) {
    const row0 = rows + <usize>i * stride;
    const row1 = min(row0 + stride, last), row2 = min(row1 + stride, last), row3 = min(row2 + stride, last);
    v128.store(out, dot4F32(query, row0, row1, row2, row3, stride));
  }
}
