import { sumLanes4, sumLanes4I32 } from "./lanes";

// Four rows are taken at a time: the query is loaded once for four rows, and the four sums leave in one vector. Each row has
// one accumulator, whose lane l sums the values l, l + 4, …. Every f32 inner product of the library has this order.

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

// The sign, exponent and mantissa of an f16 value that is extended to 32 bits and moved up by 13, and 2^112, the ratio of
// the exponent biases of f32 and f16. They are loaded, because V8 materialises a constant again in every turn: 29 ns a
// row of 100 values instead of 17.
const HALVES = memory.data<u32>([0x8fffffff, 0x77800000]);

/** Returns what halvesToF32 keeps of the bits. */
// @ts-ignore: decorator
@inline
export function halfBits(): v128 {
  return v128.load32_splat(HALVES);
}

/** Returns what halvesToF32 multiplies by. */
// @ts-ignore: decorator
@inline
export function halfRescale(): v128 {
  return v128.load32_splat(HALVES, 4);
}

/**
 * Converts four finite f16 values at `halves` to f32. Exponent and mantissa are moved into place, without the copies of
 * the sign that extend the value to 32 bits, and rescaled by 2^112, which is exact.
 */
// @ts-ignore: decorator
@inline
export function halvesToF32(halves: usize, bits: v128, rescale: v128): v128 {
  return f32x4.mul(v128.and(i32x4.shl(v128.load16x4_s(halves), 13), bits), rescale);
}

/** Returns the inner products of an f32 query with four f16 rows. `rowBytes` must be a multiple of 8. */
// @ts-ignore: decorator
@inline
export function dot4F16(query: usize, row0: usize, row1: usize, row2: usize, row3: usize, rowBytes: usize): v128 {
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), a2 = f32x4.splat(0), a3 = f32x4.splat(0);
  const bits = halfBits(), rescale = halfRescale();
  for (let o: usize = 0; o < rowBytes; o += 8) {
    const q = v128.load(query + (o << 1));
    a0 = f32x4.add(a0, f32x4.mul(q, halvesToF32(row0 + o, bits, rescale)));
    a1 = f32x4.add(a1, f32x4.mul(q, halvesToF32(row1 + o, bits, rescale)));
    a2 = f32x4.add(a2, f32x4.mul(q, halvesToF32(row2 + o, bits, rescale)));
    a3 = f32x4.add(a3, f32x4.mul(q, halvesToF32(row3 + o, bits, rescale)));
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
