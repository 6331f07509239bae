import { horner, LN2_HIGH, LN2_LOW } from "./numbers.ts";

const f32 = Math.fround;

const SQRT_HALF_F32 = f32(Math.SQRT1_2);

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

const oneDouble = new Float64Array(1);
const itsWords = new Uint32Array(oneDouble.buffer);

/** The logarithm of the power of two that is the next below a normal positive x, or x itself. */
export function logFloor(x: number): number {
  oneDouble[0] = x;
  return (((itsWords[1] as number) >>> 20) - 1023) * (LN2_HIGH + LN2_LOW);
}

/** log x in f32 for normal positive x: one lane of the kernels' log4, which is Cephes' logf.c. */
export function log32(x: number): number {
  const { k, mantissa } = splitAroundOne(x, SQRT_HALF_F32);
  const f = f32(mantissa - 1);
  const square = f32(f * f);
  let polynomial = f32(7.037683629e-2);
  for (const coefficient of [
    ...[-1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1],
    ...[2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1],
  ]) {
    polynomial = f32(f32(polynomial * f) + f32(coefficient));
  }
  const cubic = f32(f32(polynomial * f) * square);
  const low = f32(f32(cubic + f32(k * f32(-2.1219444e-4))) - f32(square * 0.5));
  return f32(f32(f + low) + f32(k * 0.693359375));
}

/** Splits x, which is positive and finite, into 2^k · mantissa with the mantissa in [√½, √2), √½ as it is rounded. */
function splitAroundOne(x: number, sqrtHalf: number = Math.SQRT1_2): { k: number; mantissa: number } {
  let k = 0;
  let mantissa = x;
  for (; mantissa >= 2 * sqrtHalf; mantissa /= 2) k++;
  for (; mantissa < sqrtHalf; mantissa *= 2) k--;
  return { k, mantissa };
}
