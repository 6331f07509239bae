// The kernels' exp64 and log64 (assembly/exp.ts, assembly/log.ts) for code without WebAssembly. It uses + − × ÷ and the bits
// of doubles alone, in the kernels' order of operations, so that both give the same bits.

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** Added and subtracted, it rounds numbers below 2^51 to integers, ties to even. */
const ROUNDING = 1.5 * 2 ** 52;

/** One double, its bits in two words, the lower one first: DataView, unlike typed arrays, has one order of bytes. */
const bits = new DataView(new ArrayBuffer(8));

/** Returns 2^k for an integer k in [-1022, 1023]. */
function powerOfTwo(k: number): number {
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** Returns e^x: 0 below -745.13 and Infinity above 709.78. */
export function exp64(x: number): number {
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019411) return 0;
  const k = x * Math.LOG2E + ROUNDING - ROUNDING;
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const square = r * r;
  const inner = -1.6533902205465252e-6 + square * 4.1381367970572385e-8;
  const polynomial = -0.0027777777777015593 + square * (6.613756321437934e-5 + square * inner);
  const c = r - square * (0.16666666666666602 + square * polynomial);
  const y = 1 - (low - (r * c) / (2 - c) - high);
  // Scaling in two steps rounds results below 2^-1022 only once.
  const half = k >> 1;
  return y * powerOfTwo(half) * powerOfTwo(k - half);
}

/** The upper word of sqrt(1/2), and its lower one. */
const SQRT_HALF_UPPER = 0x3fe6a09e;
const SQRT_HALF_LOWER = 0x667f3bcd;
const LEAST_NORMAL = 2.2250738585072014e-308;
const WORD = 2 ** 32;

/** Returns the natural logarithm: -Infinity at 0 and NaN below it. */
export function log64(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0)) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  const isSubnormal = x < LEAST_NORMAL;
  bits.setFloat64(0, isSubnormal ? x * 2 ** 54 : x);
  // x = 2^k m, m in [sqrt(1/2), sqrt(2)): the bits are moved so that the exponent changes at sqrt(1/2).
  const lower = bits.getUint32(4) - SQRT_HALF_LOWER;
  const upper = bits.getUint32(0) + (0x3ff00000 - SQRT_HALF_UPPER) - (lower < 0 ? 1 : 0);
  const k = (isSubnormal ? -54 : 0) + (upper >>> 20) - 1023;
  const mantissa = (lower < 0 ? lower + WORD : lower) + SQRT_HALF_LOWER;
  const carry = mantissa >= WORD ? 1 : 0;
  bits.setUint32(0, (upper & 0x000fffff) + SQRT_HALF_UPPER + carry);
  bits.setUint32(4, mantissa - carry * WORD);
  const f = bits.getFloat64(0) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const inner = 0.1818357216161805 + w * 0.14798198605106586;
  const even = z * (0.6666666666666735 + w * (0.2857142874366239 + w * inner));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + odd + even) + k * LN2_LOW) - f);
}
