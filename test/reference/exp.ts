import { laneSums, sumLanes } from "./lanes.ts";
import { horner, LN2_HIGH, LN2_LOW, roundToEven } from "./numbers.ts";

const f32 = Math.fround;

/** e^x in f32 for x clamped to [−87, 88]: one lane of the kernels' exp4. */
export function exp32(x: number): number {
  const clamped = Number.isNaN(x) ? 88 : Math.max(-87, Math.min(88, x));
  const magic = 1.5 * 2 ** 23; // f32 numbers of this size are integers, so adding it rounds, ties to even
  const k = f32(f32(f32(clamped * f32(Math.LOG2E)) + magic) - magic);
  // ln 2 has two parts, and the first is so short that k times it is exact
  const r = f32(f32(clamped - f32(k * 0.693359375)) - f32(k * f32(-2.1219444e-4)));
  let polynomial = f32(1.98756915e-4);
  for (const coefficient of [1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1]) {
    polynomial = f32(f32(polynomial * r) + f32(coefficient));
  }
  return f32(f32(f32(polynomial * f32(r * r)) + r) + 1) * 2 ** k;
}

/**
 * out[i] = e^((values[i] − shift) · scale), and `sum` is the sum of out in f32: lane l sums l, l + 4, …, and the lanes
 * are joined as (0 + 2) + (1 + 3).
 */
export function expInto(values: Float32Array, shift: number, scale: number): { out: Float32Array; sum: number } {
  const out = values.map((value) => exp32(f32(f32(value - f32(shift)) * f32(scale))));
  return { out, sum: sumLanes(laneSums(out)) };
}

/** e^x in f64: fdlibm's e_exp.c, where x = k ln 2 + r, |r| ≤ ln 2 / 2. */
export function exp64(x: number): number {
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019411) return 0;
  const k = roundToEven(x * Math.LOG2E);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const coefficients = [
    0.16666666666666602, -0.0027777777777015593, 0.00006613756321437934, -0.0000016533902205465252,
    4.1381367970572385e-8,
  ];
  const c = r - r * r * horner(coefficients, r * r);
  const y = 1 - (low - (r * c) / (2 - c) - high);
  const half = Math.floor(k / 2); // two factors, because 2^k alone may be out of range
  return y * 2 ** half * 2 ** (k - half);
}
