import { BLOCK_SLOTS, DISPERSION_DIRECTIONS, TILT_FACTORS, TILT_LOGS } from "../src/abi";
import { dotRows } from "./dot";
import { maxLanes, sumLanes } from "./lanes";
import { Layout, Search } from "./layout";
import { log64 } from "./log";

// The dispersion tilt (docs/method.md, section 4). The residual logits of a bucket are nearly normal, with a variance
// σ² that is proportional to its dispersion m_b. So the mean of e^(residual logit) is e^(σ² / 2), and the bucket's mass
// is multiplied by it, up to e^MOST_TILT.

/** The largest tilt, as a logarithm. Of a wider bucket a few classes hold the mass, which no tilt finds. */
const MOST_TILT: f64 = 4;

const LOG2_E: f64 = 1.4426950408889634;
/** A logarithm times this is in units of the last bit of an f32 exponent. */
const EXPONENT: f64 = 8388608 * LOG2_E; // 2^23
const ONE: i32 = 0x3f800000;
const FACTOR_LIMIT: f32 = <f32>(MOST_TILT * EXPONENT);
/** The largest exponent of a second moment, 2^100, in the same units. */
const MOMENT_LIMIT: f32 = <f32>(100 * 8388608);
const SMALLEST_EXPONENT: f32 = <f32>(-126 * 8388608);
/** Larger tilts count as this, so that no difference of two is infinite. */
const LARGEST_TILT: f32 = 1152921504606846976;

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
  return <f32>min<f64>(changetype<Search>(l.search).tiltRate * EXPONENT, <f64>f32.MAX_VALUE);
}

/**
 * Returns 2^x of four values in units of 2^-23, linear between powers of two: at most 6.1 % above the exponential, and
 * never below. Any positive number will do as a tilt, as log Q takes the logarithm of the same number.
 */
// @ts-ignore: decorator
@inline
function powerOfTwo(x: v128): v128 {
  return i32x4.add(i32x4.trunc_sat_f32x4_s(x), i32x4.splat(ONE));
}

/** Returns the tilts of four buckets from their dispersions. `scale` is tiltScale, splat. */
// @ts-ignore: decorator
@inline
export function tiltFactors(dispersions: v128, scale: v128): v128 {
  return powerOfTwo(f32x4.pmin(f32x4.mul(dispersions, scale), f32x4.splat(FACTOR_LIMIT)));
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
    return log64(<f64>reinterpret<f32>(<i32>exponent + ONE));
  }
  return path == TILT_LOGS ? <f64>logTiltInF32(l, bucket) : 0;
}

/** Returns the logarithm of the bucket's tilt as bucketLogMasses adds it. */
export function logTiltInF32(l: Layout, bucket: i32): f32 {
  if (!l.dispersionBuckets) return 0;
  return min<f32>(load<f32>(l.dispersionBuckets + (<usize>bucket << 2)) * tiltLogScale(l), <f32>MOST_TILT);
}

/**
 * Sets tailLogSpread from the masses of the tail: the logarithm of the mean of x² over the squared mean of x, where x =
 * e^score / Q_tail, for normal residual logits t of variance σ_b² (docs/method.md, section 4). 0 without dispersions.
 * O(blocks).
 *
 * The second moment of a bucket tilted by e^d is e^(-2d) E e^(2t). Among N classes hardly any has t above reach · σ, with
 * reach = √(2 log N), so E e^(2t) is taken up to there: 2σ² becomes 2s (2σ - s), s = min(σ, reach / 2).
 *
 * The tail must be in place (sumTail), and not empty.
 */
export function tailSpread(layout: usize): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  s.tailLogSpread = 0;
  if (!l.dispersionBuckets || !(s.tailTotal > 0)) return;
  const scale = f32x4.splat(tiltLogScale(l)), half = f32x4.splat(l.residualReach * 0.5);
  const largest = f32x4.extract_lane(momentExponents(f32x4.splat(l.largestDispersion), scale, half), 0);
  const logSum = largest <= MOMENT_LIMIT ? log64(sumMoments(l, scale, half)) : logSumMoments(l, scale, half);
  s.tailLogSpread = max<f64>(0, logSum - log64(s.tailTotal));
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

/**
 * Returns the sum of mass · second moment over the tail. No moment may be above 2^100.
 *
 * In a block where no tilt is at its limit and no deviation above half the reach, the second moment e^σ² is the tilt squared,
 * and blockMoments has the sum where tilts are factors.
 */
function sumMoments(l: Layout, scale: v128, half: v128): f64 {
  const widest = <f64>l.residualReach * 0.5, rate = <f64>tiltLogScale(l), factorScale = f32x4.splat(tiltScale(l));
  const limit = min(widest * widest, 2 * MOST_TILT);
  const areSummed = changetype<Search>(l.search).tiltPath == TILT_FACTORS;
  let total: f64 = 0;
  for (let block = 0; block < l.blockCount; block++) {
    const isTame = 2 * <f64>load<f32>(l.blockDispersions + (<usize>block << 2)) * rate <= limit;
    let sum: v128;
    if (!isTame) sum = blockSecondMoment(l, block, scale, half);
    else sum = areSummed ? v128.load(l.blockMoments + (<usize>block << 4)) : blockMoment(l, block, factorScale);
    total += <f64>sumLanes(sum);
  }
  return total;
}

/** Returns the sum of mass · second moment of a block in each lane. */
function blockSecondMoment(l: Layout, block: i32, scale: v128, half: v128): v128 {
  let sum = f32x4.splat(0);
  const first = <usize>block * (BLOCK_SLOTS << 2);
  for (let o = first, end = first + (BLOCK_SLOTS << 2); o < end; o += 16) {
    const moment = powerOfTwo(momentExponents(v128.load(l.slotDispersions + o), scale, half));
    sum = f32x4.add(sum, f32x4.mul(v128.load(l.slotMasses + o), moment));
  }
  return sum;
}

/**
 * Returns the logarithm of the sum of mass · second moment over the tail, whatever their size. Masses are computed once more,
 * as logarithms: one that is too small for f32 can have a moment that makes up for it. O(blocks).
 */
function logSumMoments(l: Layout, scale: v128, half: v128): f64 {
  fillHead(l, IN_HEAD);
  const least = f32x4.splat(-f32.MAX_VALUE), none = f32x4.splat(SMALLEST_EXPONENT);
  let top = least;
  for (let group = 0; group < l.codewordCount; group++) {
    const end = endQuad(l, group);
    for (let o = firstQuad(l, group); o < end; o += 16) top = f32x4.pmax(top, productExponents(l, group, o, scale, half));
  }
  const shift = maxLanes(top), shifts = f32x4.splat(shift);
  let total: f64 = 0;
  for (let group = 0; group < l.codewordCount; group++) {
    const end = endQuad(l, group);
    for (let o = firstQuad(l, group); o < end; o += 16) {
      const exponents = f32x4.sub(productExponents(l, group, o, scale, half), shifts);
      total += <f64>sumLanes(powerOfTwo(f32x4.pmax(exponents, none)));
    }
  }
  fillHead(l, 0);
  return log64(total) + <f64>shift / EXPONENT;
}

/** Stands for the mass of a bucket of the head while logarithms of the others are summed. */
const IN_HEAD: f32 = -1;

/** Stores `mass` for the buckets of the head, which is 0 in a tail that is in place. */
function fillHead(l: Layout, mass: f32): void {
  for (let p = l.headSlots, end = p + (<usize>changetype<Search>(l.search).headBucketCount << 2); p < end; p += 4) {
    store<f32>(l.slotMasses + (<usize>load<i32>(p) << 2), mass);
  }
}

/** Returns the offset of a group's first quad in slotMasses. */
// @ts-ignore: decorator
@inline
function firstQuad(l: Layout, group: i32): usize {
  return <usize>load<i32>(l.groupBlocks + (<usize>group << 2)) * (BLOCK_SLOTS << 2);
}

// @ts-ignore: decorator
@inline
function endQuad(l: Layout, group: i32): usize {
  return firstQuad(l, group + 1);
}

/**
 * Returns the logarithms of mass · second moment of four buckets at offset `o`, in units of the last bit of an f32 exponent,
 * and the smallest f32 for buckets of the head and for empty slots.
 */
// @ts-ignore: decorator
@inline
function productExponents(l: Layout, group: i32, o: usize, scale: v128, half: v128): v128 {
  const dispersions = v128.load(l.slotDispersions + o);
  const first = v128.load32_splat(l.subScores1 + (<usize>group << 2));
  const second = v128.load(l.subScores2 + (<usize>load<u8>(l.blockColumns + (o >> 4)) << 4));
  const logWeights = f32x4.add(f32x4.add(first, second), v128.load(l.slotLogWeights + o));
  const logMasses = f32x4.add(logWeights, tiltLogs(dispersions, scale));
  const shift = f32x4.splat(<f32>changetype<Search>(l.search).massShift);
  const exponents = f32x4.mul(f32x4.sub(logMasses, shift), f32x4.splat(<f32>EXPONENT));
  const sums = f32x4.add(exponents, momentExponents(dispersions, scale, half));
  const isLeft = v128.and(
    f32x4.ge(v128.load(l.slotMasses + o), f32x4.splat(0)),
    i32x4.ge_s(v128.load(l.slotBuckets + o), i32x4.splat(0)),
  );
  return v128.bitselect(sums, f32x4.splat(-f32.MAX_VALUE), isLeft);
}

/** Returns the logarithms of the second moments of four buckets, in units of the last bit of an f32 exponent. */
// @ts-ignore: decorator
@inline
function momentExponents(dispersions: v128, scale: v128, half: v128): v128 {
  const variance = f32x4.mul(f32x4.pmin(f32x4.mul(dispersions, scale), f32x4.splat(LARGEST_TILT)), f32x4.splat(2));
  const deviation = f32x4.sqrt(variance), kept = f32x4.pmin(deviation, half);
  const moment = f32x4.mul(kept, f32x4.sub(f32x4.add(deviation, deviation), kept));
  const tilt = f32x4.pmin(variance, f32x4.splat(<f32>(2 * MOST_TILT)));
  return f32x4.mul(f32x4.sub(f32x4.add(moment, moment), tilt), f32x4.splat(<f32>EXPONENT));
}

// With "export function" the compiler would warn that an embedder might call it with a v128. No export of the module takes
// one.
export { blockMoment };
