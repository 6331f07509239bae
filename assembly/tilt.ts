import { BLOCK_SLOTS, DISPERSION_DIRECTIONS, MOST_TILT, TILT_FACTORS, TILT_LOGS } from "../src/abi";
import { dotRows } from "./dot";
import { Layout, Search } from "./layout";
import { log64 } from "./log";

// The dispersion tilt (docs/method.md, section 2). The residual logits of a bucket are nearly normal, with a variance
// σ² that is proportional to its dispersion m_b. So the mean of e^(residual logit) is e^(σ² / 2), and the bucket's mass
// is multiplied by it, up to e^MOST_TILT.

const LOG2_E: f64 = 1.4426950408889634;
/** A logarithm times this is in units of the last bit of an f32 exponent. */
export const EXPONENT: f64 = 8388608 * LOG2_E; // 2^23
/** A logarithm times this is in the units of a tilt factor: 2^-15 of an exponent. */
const FACTOR: f64 = 32768 * LOG2_E;
const FACTOR_LIMIT: f32 = <f32>(MOST_TILT * FACTOR);
/**
 * 2^23 + 0x3f8000. A number below 2^22 that is added to it is rounded to an integer in the low 24 bits. Moved up by 8 bits,
 * these are an f32: 1 with that number of units in exponent and fraction.
 */
const FACTOR_BASE: f32 = 12550144;
/** They are loaded, because V8 materialises a constant again in every turn: 14.6 µs for all masses instead of 13.2. */
const FACTORS = memory.data<f32>([FACTOR_LIMIT, FACTOR_BASE, 1]);

/** Sets querySpread for the query at layout.query, 0 for an index without dispersions. O(D). */
export function prepareSpread(l: Layout): void {
  const s = changetype<Search>(l.search);
  s.querySpread = 0;
  if (!l.dispersionBuckets) return;
  dotRows(l.query, l.dispersionDirections, DISPERSION_DIRECTIONS, <i32>directionBytes(l), l.directionScores);
  let spread = <f64>l.evenShare * s.querySquare;
  for (let o: usize = 0; o < <usize>DISPERSION_DIRECTIONS << 2; o += 4) {
    const product = <f64>load<f32>(l.directionScores + o);
    spread += product * product;
  }
  s.querySpread = spread;
}

/** Sets tiltRate for the prepared query at the layout's temperature. */
export function prepareTilt(l: Layout): void {
  const s = changetype<Search>(l.search), inverse = <f64>l.inverseTemperature;
  s.tiltRate = 0.5 * s.querySpread * inverse * inverse / <f64>l.dim;
}

/** Returns the bytes of a direction: `dim` values, padded. */
export function directionBytes(l: Layout): usize {
  return ((<usize>l.dim + 3) & ~3) << 2;
}

/** Returns tiltRate in the units of tiltFactors, finite, so that a dispersion of 0 has no tilt. */
export function tiltScale(l: Layout): f32 {
  return <f32>min<f64>(changetype<Search>(l.search).tiltRate * FACTOR, <f64>f32.MAX_VALUE);
}

/** Returns 2^x of four values in units of 2^-23, linear between powers of two: at most 6.1 % above the exponential, never below. */
// @ts-ignore: decorator
@inline
export function powerOfTwo(x: v128): v128 {
  return i32x4.add(i32x4.trunc_sat_f32x4_s(x), v128.load32_splat(FACTORS, 8));
}

/**
 * Returns the tilts of four buckets from their dispersions, powers of two as those of powerOfTwo, with exponents rounded to
 * 2^-15. `scale` is tiltScale, splat. Any positive number will do as a tilt, as log Q takes the logarithm of the same number.
 * Exponents that were converted to integers, by four more instructions, took 4 % more time for a whole predict.
 */
// @ts-ignore: decorator
@inline
export function tiltFactors(dispersions: v128, scale: v128): v128 {
  const exponents = f32x4.pmin(f32x4.mul(dispersions, scale), v128.load32_splat(FACTORS));
  return i32x4.shl(f32x4.add(exponents, v128.load32_splat(FACTORS, 4)), 8);
}

/** Returns tiltRate as f32, finite, for tiltLogs. */
export function tiltLogScale(l: Layout): f32 {
  return <f32>min<f64>(changetype<Search>(l.search).tiltRate, <f64>f32.MAX_VALUE);
}

/** Returns the logarithms of the tilts of four buckets. `scale` is tiltLogScale, splat. */
// @ts-ignore: decorator
@inline
export function tiltLogs(dispersions: v128, scale: v128): v128 {
  return f32x4.pmin(f32x4.mul(dispersions, scale), f32x4.splat(<f32>MOST_TILT));
}

/** Returns the logarithm of the tilt that is part of the bucket's mass. */
export function logTilt(l: Layout, bucket: i32): f64 {
  const path = changetype<Search>(l.search).tiltPath;
  if (path == TILT_FACTORS) {
    const dispersion = load<f32>(l.dispersionBuckets + (<usize>bucket << 2));
    const exponent = min<f32>(dispersion * tiltScale(l), FACTOR_LIMIT);
    return log64(<f64>reinterpret<f32>(reinterpret<i32>(exponent + FACTOR_BASE) << 8));
  }
  return path == TILT_LOGS ? <f64>logTiltInF32(l, bucket) : 0;
}

/** Returns the logarithm of the bucket's tilt as bucketLogMasses adds it. */
export function logTiltInF32(l: Layout, bucket: i32): f32 {
  if (!l.dispersionBuckets) return 0;
  return min<f32>(load<f32>(l.dispersionBuckets + (<usize>bucket << 2)) * tiltLogScale(l), <f32>MOST_TILT);
}

/** Returns mass · tilt² of four buckets. */
// @ts-ignore: decorator
@inline
export function quadMoment(masses: v128, tilts: v128): v128 {
  return f32x4.mul(f32x4.mul(masses, tilts), tilts);
}

/** Returns the sum of mass · tilt² of a block in each lane, in the order of bucketMasses. `scale` is tiltScale, splat. */
function blockMoment(l: Layout, block: i32, scale: v128): v128 {
  let sum = f32x4.splat(0);
  const first = <usize>block * (BLOCK_SLOTS << 2);
  for (let o = first, end = first + (BLOCK_SLOTS << 2); o < end; o += 16) {
    sum = f32x4.add(sum, quadMoment(v128.load(l.slotMasses + o), tiltFactors(v128.load(l.slotDispersions + o), scale)));
  }
  return sum;
}

// With "export function" the compiler would warn that an embedder might call it with a v128. No export of the module takes
// one.
export { blockMoment };
