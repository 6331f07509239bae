const LN2_HIGH: f64 = 6.93147180369123816490e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;
const SQRT_HALF_BITS: u64 = 0x3fe6a09e667f3bcd;
const SQRT_HALF_BITS_F32: i32 = 0x3f3504f3;

/**
 * Returns the natural logarithm in double precision: -Infinity at 0 and NaN below it. It uses fdlibm's reduction and
 * polynomial. The error is below 1 ulp (0.75 measured).
 */
export function log64(x: f64): f64 {
  if (x == 0) return -Infinity;
  if (!(x > 0)) return NaN;
  if (x == Infinity) return x;
  let k: f64 = 0;
  if (x < 2.2250738585072014e-308) { // subnormal
    x *= 18014398509481984.0; // 2^54
    k = -54;
  }
  // x = 2^k m, m in [sqrt(1/2), sqrt(2))
  const bits = reinterpret<u64>(x) + (0x3ff0000000000000 - SQRT_HALF_BITS);
  k += <f64>(<i32>(bits >> 52) - 1023);
  const f = reinterpret<f64>((bits & 0x000fffffffffffff) + SQRT_HALF_BITS) - 1;
  const s = f / (2 + f), z = s * s, w = z * z;
  const odd = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const even = z * (6.666666666666735130e-1 + w * (2.857142874366239149e-1 + w
    * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - ((half - (s * (half + odd + even) + k * LN2_LOW)) - f);
}

/** Returns a lower bound of the natural logarithm of a normal positive number, at most log 2 below it. */
// @ts-ignore: decorator
@inline
export function logFloor(x: f64): f64 {
  return <f64>(<i32>(reinterpret<u64>(x) >> 52) - 1023) * (LN2_HIGH + LN2_LOW);
}

const LOG_TABLE = memory.data<f32>([
  7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1, -2.12194440e-4, 0.693359375,
]);

/**
 * Returns the natural logarithm of four f32 values, which must be normal and positive. It is Cephes' polynomial, and 0 at 1.
 */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  // x = 2^k m, m in [sqrt(1/2), sqrt(2))
  const bits = i32x4.add(x, i32x4.splat(0x3f800000 - SQRT_HALF_BITS_F32));
  const k = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(bits, 23), i32x4.splat(127)));
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x7fffff)), i32x4.splat(SQRT_HALF_BITS_F32));
  const f = f32x4.sub(m, f32x4.splat(1)), z = f32x4.mul(f, f);
  let p = v128.load32_splat(LOG_TABLE);
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG_TABLE, 4));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG_TABLE, 8));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG_TABLE, 12));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG_TABLE, 16));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG_TABLE, 20));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG_TABLE, 24));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG_TABLE, 28));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG_TABLE, 32));
  p = f32x4.mul(f32x4.mul(p, f), z);
  p = f32x4.add(p, f32x4.mul(k, v128.load32_splat(LOG_TABLE, 36)));
  p = f32x4.sub(p, f32x4.mul(z, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(f, p), f32x4.mul(k, v128.load32_splat(LOG_TABLE, 40)));
}
