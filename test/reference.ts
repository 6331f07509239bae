import type { KernelName } from "./kernels.ts";

/*
 * Every kernel of the query module in plain loops, under its name: the executable specification, to be read first.
 *
 * Arrays stand where the kernels take addresses, and what they write is returned. f32 arithmetic is f64 arithmetic
 * rounded after each operation (exact for + − × ÷ and sqrt), so results are the kernels' bit for bit.
 */

const f32 = Math.fround;

// Random numbers

const PHILOX_ROUNDS = 10;
const WORD = 2n ** 32n;

/** Philox4x32-10 (Salmon et al. 2011): key[2] and counter[4] → [4] random words. */
function philox(key: Uint32Array, counter: Uint32Array): Uint32Array {
  let [k0 = 0n, k1 = 0n] = Array.from(key, BigInt);
  let [c0 = 0n, c1 = 0n, c2 = 0n, c3 = 0n] = Array.from(counter, BigInt);
  for (let round = 0; round < PHILOX_ROUNDS; round++) {
    const product0 = 0xd2511f53n * c0;
    const product1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(product1 / WORD) ^ c1 ^ k0, product1 % WORD, (product0 / WORD) ^ c3 ^ k1, product0 % WORD];
    k0 = (k0 + 0x9e3779b9n) % WORD;
    k1 = (k1 + 0xbb67ae85n) % WORD;
  }
  return Uint32Array.from([c0, c1, c2, c3], Number);
}

// Checksum

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, bits: bigint): bigint => u64(value << bits) | (value >> (64n - bits));

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

const xxhRound = (lane: bigint, input: bigint): bigint => u64(rotate(u64(lane + input * PRIME_2), 31n) * PRIME_1);

/** XXH64 of the bytes: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, step by step. */
function xxh64(bytes: Uint8Array, seed: bigint): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash = u64(seed + PRIME_5);
  if (bytes.length >= 32) {
    const lanes = [seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1].map(u64);
    for (; at + 32 <= bytes.length; at += 32) {
      for (const [i, lane] of lanes.entries()) lanes[i] = xxhRound(lane, view.getBigUint64(at + 8 * i, true));
    }
    hash = u64(lanes.reduce((sum, lane, i) => sum + rotate(lane, [1n, 7n, 12n, 18n][i] as bigint), 0n));
    for (const lane of lanes) hash = u64((hash ^ xxhRound(0n, lane)) * PRIME_1 + PRIME_4);
  }
  hash = u64(hash + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) {
    hash = u64(rotate(hash ^ xxhRound(0n, view.getBigUint64(at, true)), 27n) * PRIME_1 + PRIME_4);
  }
  for (; at + 4 <= bytes.length; at += 4) {
    hash = u64(rotate(hash ^ u64(BigInt(view.getUint32(at, true)) * PRIME_1), 23n) * PRIME_2 + PRIME_3);
  }
  for (; at < bytes.length; at++) {
    hash = u64(rotate(hash ^ u64(BigInt(view.getUint8(at)) * PRIME_5), 11n) * PRIME_1);
  }
  hash = u64((hash ^ (hash >> 33n)) * PRIME_2);
  hash = u64((hash ^ (hash >> 29n)) * PRIME_3);
  return hash ^ (hash >> 32n);
}

// Exponential and logarithm

/** e^x in f32 for x clamped to [−87, 88]: one lane of the kernels' exp4. */
export function exp32(x: number): number {
  const clamped = Number.isNaN(x) ? 88 : Math.max(-87, Math.min(88, x));
  const magic = 1.5 * 2 ** 23; // f32s of this size are integers: adding it rounds, ties to even
  const k = f32(f32(f32(clamped * f32(Math.LOG2E)) + magic) - magic);
  // ln 2 in two parts, the first so short that k times it is exact
  const r = f32(f32(clamped - f32(k * 0.693359375)) - f32(k * f32(-2.1219444e-4)));
  let polynomial = f32(1.98756915e-4);
  for (const coefficient of [1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1]) {
    polynomial = f32(f32(polynomial * r) + f32(coefficient));
  }
  return f32(f32(f32(polynomial * f32(r * r)) + r) + 1) * 2 ** k;
}

/** out[i] = e^(values[i] − shift); `sum` of out in f32: lane l sums l, l + 4, …, then (0 + 2) + (1 + 3). */
function expInto(values: Float32Array, shift: number): { out: Float32Array; sum: number } {
  const out = values.map((value) => exp32(f32(value - f32(shift))));
  const lanes = new Float32Array(4);
  for (const [i, value] of out.entries()) lanes[i % 4] = (lanes[i % 4] as number) + value;
  return { out, sum: sumLanes(lanes) };
}

/** (v[0] + v[2]) + (v[1] + v[3]) in f32: the order in which every vector of four sums is added up. */
export function sumLanes(lanes: Float32Array): number {
  const [v0 = 0, v1 = 0, v2 = 0, v3 = 0] = lanes;
  return f32(f32(v0 + v2) + f32(v1 + v3));
}

const LN2_HIGH = 0.6931471803691238; // its last 20 bits are zero, so k · LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10;

/** e^x in f64: fdlibm's e_exp.c, in which x = k ln 2 + r, |r| ≤ ln 2 / 2. */
function exp64(x: number): number {
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
  const half = Math.floor(k / 2); // two factors: 2^k alone may be out of range
  return y * 2 ** half * 2 ** (k - half);
}

/** Natural logarithm in f64: fdlibm's e_log.c, in which x = 2^k (1 + f), 1 + f in [√½, √2). */
function log64(x: number): number {
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

/** x = 2^k · mantissa with mantissa in [√½, √2), for 0 < x < Infinity. */
function splitAroundOne(x: number): { k: number; mantissa: number } {
  let k = 0;
  let mantissa = x;
  for (; mantissa >= Math.SQRT2; mantissa /= 2) k++;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) k--;
  return { k, mantissa };
}

/** coefficients[0] + x · (coefficients[1] + x · (…)) */
function horner(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => coefficient + x * sum);
}

/** The nearest integer, ties to even. */
function roundToEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return down + Number(rest > 0.5 || (rest === 0.5 && down % 2 !== 0));
}

export const reference = {
  philox,
  xxh64,
  exp64,
  expInto,
  log64,
} satisfies Record<KernelName, unknown>;
