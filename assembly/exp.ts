import { sumLanes } from "./lanes";

// The constants are loaded, not written as splats: V8 materialises a v128.const again in every turn of a loop (1.05 ns
// a value instead of 0.86, Node 24).
const TABLE = memory.data<f32>([
  -87, 88, 1.44269504088896341, 12582912, 0.693359375, -2.12194440e-4,
  1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1,
]);

/**
 * Returns e^x of four f32 values. x is clamped to [-87, 88], and NaN counts as 88.
 *
 * x is split into k ln 2 + r with |r| <= ln 2 / 2. The result is Cephes' polynomial in r with k added to the exponent.
 * Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits. The relative error is at most 8.2e-8,
 * measured at every f32 of the range (test/assembly/exp.test.ts holds the bound).
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmax(v128.load32_splat(TABLE), f32x4.pmin(v128.load32_splat(TABLE, 4), x));
  const magic = v128.load32_splat(TABLE, 12);
  const t = f32x4.add(f32x4.mul(x, v128.load32_splat(TABLE, 8)), magic);
  const k = f32x4.sub(t, magic);
  let r = f32x4.sub(x, f32x4.mul(k, v128.load32_splat(TABLE, 16)));
  r = f32x4.sub(r, f32x4.mul(k, v128.load32_splat(TABLE, 20)));
  let p = v128.load32_splat(TABLE, 24);
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, 28));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, 32));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, 36));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, 40));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, 44));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), v128.load32_splat(TABLE, 48));
  return i32x4.add(p, i32x4.shl(t, 23));
}

/**
 * Writes e^((values[i] - shift) · scale) to out[i] and returns the sum of the results. O(count).
 *
 * `values` and `out` are f32 arrays of `count` values, and `count` must be a multiple of 4. They may be the same array.
 * The sum is taken in four f32 lanes, which sumLanes then adds.
 */
export function expInto(values: usize, count: i32, shift: f32, scale: f32, out: usize): f64 {
  const shifts = f32x4.splat(shift), scales = f32x4.splat(scale);
  let sum = f32x4.splat(0);
  for (let end = values + (<usize>count << 2); values < end; values += 16, out += 16) {
    const e = exp4(f32x4.mul(f32x4.sub(v128.load(values), shifts), scales));
    v128.store(out, e);
    sum = f32x4.add(sum, e);
  }
  return <f64>sumLanes(sum);
}

const LN2_HIGH: f64 = 6.93147180369123816490e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;
const INVERSE_LN2: f64 = 1.44269504088896338700;

/** Returns 2^k as a double. k must be in [-1022, 1023]. */
// @ts-ignore: decorator
@inline
function powerOfTwo(k: i32): f64 {
  return reinterpret<f64>((<i64>k + 1023) << 52);
}

/**
 * Returns e^x in double precision: 0 below -745.13 and Infinity above 709.78. It uses fdlibm's reduction and rational
 * form. The error is below 1 ulp (0.82 measured).
 */
export function exp64(x: f64): f64 {
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019411) return 0;
  const k = nearest(x * INVERSE_LN2);
  const high = x - k * LN2_HIGH, low = k * LN2_LOW;
  const r = high - low, square = r * r;
  const c = r - square * (1.66666666666666019037e-1 + square * (-2.77777777770155933842e-3 + square
    * (6.61375632143793436117e-5 + square * (-1.65339022054652515390e-6 + square * 4.13813679705723846039e-8))));
  const y = 1 - (low - r * c / (2 - c) - high);
  // Scaling in two steps rounds results below 2^-1022 only once.
  const half = <i32>k >> 1;
  return y * powerOfTwo(half) * powerOfTwo(<i32>k - half);
}
