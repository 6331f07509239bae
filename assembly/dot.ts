import { sumLanes4, sumLanes4I32 } from "./lanes";

// Four rows at a time: the query is loaded once for four rows, and the four sums leave in one vector.
// One accumulator a row, lane l summing the values l, l + 4, …: the order of every f32 inner product of the library.

/** <query, row> of four f32 rows; rowBytes a multiple of 16. Not inline: a call for four rows costs next to nothing. */
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

/** 2^112: what the exponents of f16 and f32 differ by. */
export const HALF_RESCALE: f32 = reinterpret<f32>(0x77800000);

/** Four finite halves as f32: exponent and mantissa moved into place and rescaled by 2^112, which is exact. */
// @ts-ignore: decorator
@inline
export function halvesToF32(halves: v128, rescale: v128): v128 {
  const magnitude = i32x4.shl(v128.and(halves, i32x4.splat(0x7fff)), 13);
  const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16);
  return v128.or(f32x4.mul(magnitude, rescale), sign);
}

/** <query, row> of four f16 rows, f32 query; rowBytes a multiple of 8. */
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

/** <query, row> of four int8 rows, int16 query, as exact i32; rowBytes a multiple of 8. */
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
 * out[i] = <query, rows[i]> over `count` consecutive f32 rows (Babenko & Lempitsky's look-up tables).
 * rowBytes is a multiple of 16; `out` holds count rounded up to 4: the surplus repeats the last row.
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
