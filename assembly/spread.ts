import { BLOCK_SLOTS, MOST_TILT, TILT_FACTORS } from "../src/abi";
import { maxLanes, sumLanes } from "./lanes";
import { Layout, Search } from "./layout";
import { log64 } from "./log";
import { placeLogWeights } from "./masses";
import { blockMoment, EXPONENT, powerOfTwo, tiltLogScale, tiltLogs, tiltScale } from "./tilt";

// The expected spread of the weights of draws, from the dispersions of the buckets in the tail.

/** The largest exponent of a second moment, 2^100, in units of the last bit of an f32 exponent. */
const MOMENT_LIMIT: f32 = <f32>(100 * 8388608);
const SMALLEST_EXPONENT: f32 = <f32>(-126 * 8388608);
/** Larger tilts count as this, so that no difference of two is infinite. */
const LARGEST_TILT: f32 = 1152921504606846976;
/** They are loaded, because V8 materialises a constant again in every turn. */
const TABLE = memory.data<f32>([LARGEST_TILT, 2, 2 * <f32>MOST_TILT, <f32>EXPONENT]);

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

/**
 * Returns the sum of mass · second moment over the tail. No moment may be above 2^100.
 *
 * In a block where no tilt is at its limit and no deviation above half the reach, the second moment e^σ² is the tilt squared,
 * and blockMoments has the sum where tilts are factors.
 */
function sumMoments(l: Layout, scale: v128, half: v128): f64 {
  const widest = <f64>l.residualReach * 0.5, rate = <f64>tiltLogScale(l), factorScale = f32x4.splat(tiltScale(l));
  const limit = min(widest * widest, 2 * <f64>MOST_TILT);
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
 * as logarithms: one that is too small for f32 can have a moment that makes up for it. The products are kept in slotKeys, which
 * only the choice of the head needs. Computing them twice took 1.8 times as long. O(blocks).
 */
function logSumMoments(l: Layout, scale: v128, half: v128): f64 {
  fillHead(l, IN_HEAD);
  placeLogWeights(l);
  let top = f32x4.splat(-f32.MAX_VALUE);
  for (let group = 0; group < l.codewordCount; group++) {
    const end = endQuad(l, group);
    for (let o = firstQuad(l, group); o < end; o += 16) {
      const exponents = productExponents(l, group, o, scale, half);
      v128.store(l.slotKeys + o, exponents);
      top = f32x4.pmax(top, exponents);
    }
  }
  fillHead(l, 0);
  const shift = maxLanes(top), shifts = f32x4.splat(shift), none = f32x4.splat(SMALLEST_EXPONENT);
  let total: f64 = 0;
  for (let o: usize = 0, end = <usize>l.blockCount * (BLOCK_SLOTS << 2); o < end; o += 16) {
    const exponents = f32x4.sub(v128.load(l.slotKeys + o), shifts);
    total += <f64>sumLanes(powerOfTwo(f32x4.pmax(exponents, none)));
  }
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
  const two = v128.load32_splat(TABLE, 4);
  const variance = f32x4.mul(f32x4.pmin(f32x4.mul(dispersions, scale), v128.load32_splat(TABLE)), two);
  const deviation = f32x4.sqrt(variance), kept = f32x4.pmin(deviation, half);
  const moment = f32x4.mul(kept, f32x4.sub(f32x4.add(deviation, deviation), kept));
  const tilt = f32x4.pmin(variance, v128.load32_splat(TABLE, 8));
  return f32x4.mul(f32x4.sub(f32x4.add(moment, moment), tilt), v128.load32_splat(TABLE, 12));
}
