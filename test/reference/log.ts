import { horner, LN2_HIGH, LN2_LOW } from "./numbers.ts";

/** The natural logarithm in f64: fdlibm's e_log.c, where x = 2^k (1 + f), 1 + f in [√½, √2). */
export function log64(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0)) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  const { k, mantissa } = splitAroundOne(x);
  const f = mantissa - 1;
  const s = f / (2 + f);
  const w = s * s * (s * s);
  const odd = w * horner([0.3999999999940942, 0.22222198432149784, 0.15313837699209373], w);
  const evenCoefficients = [0.6666666666666735, 0.2857142874366239, 0.1818357216161805, 0.14798198605116586];
  const even = s * s * horner(evenCoefficients, w);
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + odd + even) + k * LN2_LOW) - f);
}

/** Splits x, which is positive and finite, into 2^k · mantissa with the mantissa in [√½, √2). */
function splitAroundOne(x: number): { k: number; mantissa: number } {
  let k = 0;
  let mantissa = x;
  for (; mantissa >= Math.SQRT2; mantissa /= 2) k++;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) k--;
  return { k, mantissa };
}
