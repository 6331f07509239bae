import {
  BLOCK_QUADS, BLOCK_SLOTS, COARSE_EXPONENT, MASS_PATH_FACTORS, MASS_PATH_F64, MASS_PATH_LOGS, TILT_FACTORS, TILT_LOGS, TILT_NONE,
} from "../src/abi";
import { dotRows } from "./dot";
import { expInto } from "./exp";
import { maxLanesI32, maxOf } from "./lanes";
import { Layout, Search } from "./layout";
import { prepareTilt, quadMoment, tiltFactors, tiltLogs, tiltLogScale, tiltScale } from "./tilt";

// Slots hold the non-empty buckets of a group, which is all buckets of one first codeword. They are ordered by second
// codeword, in quads of four, with eight quads to a block. A quad exists if one of its four buckets does. The other
// slots of the quad, and the quads that fill the last block of a group, are empty slots of weight 0.
//
//   group k1:  | block: 8 quads, each 4 slots, k2 = 4 * column + lane | block | …
//
// So the mass of a bucket is one lane of slotWeights * secondWeights[column] * groupScale, without a gather or an exp for each
// bucket, times the tilt of its dispersion (tilt.ts) if the file has dispersions.

/**
 * If the largest key or the sum is below this, masses that matter may be 0 or clamped. The caller then computes them
 * from logarithms.
 */
export const SMALLEST_MAXIMUM: f32 = reinterpret<f32>(0x1f800000); // 2^-64

/** The largest magnitude of a logit up to which log Q does not show its rounding to f32. */
export const COARSE: f32 = <f32>(1 << COARSE_EXPONENT);

/** Maps f32 to i32 with the order kept. Positive numbers keep their bits. */
// @ts-ignore: decorator
@inline
function orderKeys(values: v128): v128 {
  return v128.xor(values, v128.and(i32x4.shr_s(values, 31), i32x4.splat(0x7fffffff)));
}

/**
 * Computes products1, the products of the prepared query with the first codewords, then subScores1 and subScores2, those with all
 * codewords over the temperature, and tiltRate. O(K D).
 */
export function subScores(layout: usize): void {
  const l = changetype<Layout>(layout);
  dotRows(l.subQuery1, l.codebook1, l.codewordCount, l.codewordBytes1, l.products1);
  dotRows(l.subQuery2, l.codebook2, l.codewordCount, l.codewordBytes2, l.subScores2);
  prepareTilt(l);
  const scale = f32x4.splat(l.inverseTemperature);
  for (let o: usize = 0, end = <usize>l.codewordCount << 2; o < end; o += 16) {
    v128.store(l.subScores1 + o, f32x4.mul(v128.load(l.products1 + o), scale));
    v128.store(l.subScores2 + o, f32x4.mul(v128.load(l.subScores2 + o), scale));
  }
}

/** Stores the masses of one quad and returns them. */
// @ts-ignore: decorator
@inline
function quadMass(weights: usize, second: usize, column: usize, scale: v128, tilt: v128, masses: usize): v128 {
  const w = f32x4.mul(v128.load(weights), v128.load(second + (<usize>load<u8>(column) << 4)));
  const quad = f32x4.mul(f32x4.mul(w, scale), tilt);
  v128.store(masses, quad);
  return quad;
}

/** Stores the keys of one quad and returns them. */
// @ts-ignore: decorator
@inline
function quadKeys(mass: v128, rates: usize, keys: usize): v128 {
  const quad = f32x4.mul(mass, v128.load(rates));
  v128.store(keys, quad);
  return quad;
}

/** Sets the factors of masses that groups and columns share: groupScales and secondWeights, in units of their largest. */
function scaleGroups(l: Layout): void {
  const groups = l.codewordCount, lanes = (groups + 3) & ~3;
  for (let o: usize = 0, end = <usize>lanes << 2; o < end; o += 16) {
    v128.store(l.groupScales + o, f32x4.add(v128.load(l.subScores1 + o), v128.load(l.groupLogWeights + o)));
  }
  const shift1 = maxOf(l.groupScales, groups), shift2 = maxOf(l.subScores2, groups);
  expInto(l.groupScales, lanes, shift1, 1, l.groupScales);
  expInto(l.subScores2, lanes, shift2, 1, l.secondWeights);
  const s = changetype<Search>(l.search);
  s.massShift = <f64>shift1 + <f64>shift2;
  s.groupShift = <f64>shift1;
  s.secondShift = <f64>shift2;
  s.massPath = max(abs(shift1), abs(shift2)) > COARSE ? MASS_PATH_FACTORS : MASS_PATH_F64;
  s.tiltPath = l.dispersionBuckets ? TILT_FACTORS : TILT_NONE;
}

/**
 * Computes slotMasses = w_b e^(s_b - massShift) with blockSums and blockMoments (docs/method.md, section 2), and slotKeys with
 * blockMaxima. A key is the mass divided by the number of classes and orders the buckets for the head. O(K + blocks).
 *
 * Each mass is the product of three factors that are at most 1: e^(subScores1 + log of the group's largest weight),
 * e^subScores2 and w_b / largest weight, the exponentials in units of their largest. The tilt, at most e^4, follows.
 * Returns 0 if the largest key is under 2^-64 of the factors' bound. The caller must then use bucketLogMasses instead.
 *
 * The sub-scores must be in place (subScores), as must the weights (weighBuckets).
 */
export function bucketMasses(layout: usize): i32 {
  const l = changetype<Layout>(layout);
  scaleGroups(l);
  const isTilted = l.dispersionBuckets != 0;
  const second = l.secondWeights, rate = f32x4.splat(tiltScale(l)), one = f32x4.splat(1);
  let weights = l.slotWeights, rates = l.slotRates, columns = l.blockColumns;
  let masses = l.slotMasses, keys = l.slotKeys;
  let dispersions = l.slotDispersions;
  let sums = l.blockSums, maxima = l.blockMaxima, moments = l.blockMoments;
  let largest = f32x4.splat(0);
  for (let group = 0; group < l.codewordCount; group++) {
    const scale = v128.load32_splat(l.groupScales + (<usize>group << 2));
    const blocks = load<i32>(l.groupBlocks + (<usize>group << 2), 4) - load<i32>(l.groupBlocks + (<usize>group << 2));
    for (let block = 0; block < blocks; block++) {
      let sum = f32x4.splat(0), top = f32x4.splat(0), moment = f32x4.splat(0);
      // Four quads a turn take 6.6 µs for 8,400 quads and one takes 8.0 µs. Eight gain nothing more.
      for (let half = 0; half < 2; half++) {
        let tilt0 = one, tilt1 = one, tilt2 = one, tilt3 = one;
        if (isTilted) {
          tilt0 = tiltFactors(v128.load(dispersions), rate);
          tilt1 = tiltFactors(v128.load(dispersions, 16), rate);
          tilt2 = tiltFactors(v128.load(dispersions, 32), rate);
          tilt3 = tiltFactors(v128.load(dispersions, 48), rate);
          dispersions += 64;
        }
        const mass0 = quadMass(weights, second, columns, scale, tilt0, masses);
        const keys0 = quadKeys(mass0, rates, keys);
        const mass1 = quadMass(weights + 16, second, columns + 1, scale, tilt1, masses + 16);
        const keys1 = quadKeys(mass1, rates + 16, keys + 16);
        const mass2 = quadMass(weights + 32, second, columns + 2, scale, tilt2, masses + 32);
        const keys2 = quadKeys(mass2, rates + 32, keys + 32);
        const mass3 = quadMass(weights + 48, second, columns + 3, scale, tilt3, masses + 48);
        const keys3 = quadKeys(mass3, rates + 48, keys + 48);
        sum = f32x4.add(f32x4.add(f32x4.add(f32x4.add(sum, mass0), mass1), mass2), mass3);
        top = f32x4.pmax(f32x4.pmax(top, f32x4.pmax(keys0, keys1)), f32x4.pmax(keys2, keys3));
        if (isTilted) {
          moment = f32x4.add(f32x4.add(moment, quadMoment(mass0, tilt0)), quadMoment(mass1, tilt1));
          moment = f32x4.add(f32x4.add(moment, quadMoment(mass2, tilt2)), quadMoment(mass3, tilt3));
        }
        weights += 64;
        rates += 64;
        masses += 64;
        keys += 64;
        columns += 4;
      }
      if (isTilted) {
        v128.store(moments, moment);
        moments += 16;
      }
      v128.store(sums, sum);
      v128.store(maxima, top);
      largest = f32x4.pmax(largest, top);
      sums += 16;
      maxima += 16;
    }
  }
  return i32(maxLanesI32(largest) >= reinterpret<i32>(SMALLEST_MAXIMUM));
}

/**
 * Computes masses as logarithms, for logits whose masses do not fit f32 side by side, and for bounds. O(K + blocks).
 *
 * slotMasses holds s_b + log w_b + slope · radius until massesFromLogs. For the proposal `slope` is 0, and the logarithm of the
 * tilt is added (for bounds see bounds.ts). slotKeys orders buckets by this value minus the logarithm of their number of
 * classes, and blockMaxima holds the largest keys. Empty slots lie below LOG_FLOOR. The sub-scores must be in place
 * (subScores).
 */
export function bucketLogMasses(layout: usize, slope: f32): void {
  const l = changetype<Layout>(layout);
  const slopes = f32x4.splat(slope), rate = f32x4.splat(tiltLogScale(l));
  const isTilted = slope == 0 && l.dispersionBuckets != 0;
  changetype<Search>(l.search).tiltPath = isTilted ? TILT_LOGS : TILT_NONE;
  placeLogWeights(l);
  for (let group = 0; group < l.codewordCount; group++) {
    const first = v128.load32_splat(l.subScores1 + (<usize>group << 2));
    const blocks = l.groupBlocks + (<usize>group << 2);
    for (let block = <usize>load<i32>(blocks), end = <usize>load<i32>(blocks, 4); block < end; block++) {
      let top = i32x4.splat(i32.MIN_VALUE);
      for (let quad = block * BLOCK_QUADS, last = quad + BLOCK_QUADS; quad < last; quad++) {
        const o = quad << 4;
        const second = v128.load(l.subScores2 + (<usize>load<u8>(l.blockColumns + quad) << 4));
        let logMass = f32x4.add(f32x4.add(first, second), v128.load(l.slotLogWeights + o));
        logMass = f32x4.add(logMass, f32x4.mul(slopes, v128.load(l.slotRadii + o)));
        if (isTilted) logMass = f32x4.add(logMass, tiltLogs(v128.load(l.slotDispersions + o), rate));
        const key = orderKeys(f32x4.add(logMass, v128.load(l.slotLogRates + o)));
        v128.store(l.slotMasses + o, logMass);
        v128.store(l.slotKeys + o, key);
        top = i32x4.max_s(top, key);
      }
      v128.store(l.blockMaxima + (block << 4), top);
    }
  }
}

/**
 * Puts the logarithms of the weights of buckets in the order of their slots, unless they are there. Masses seldom have to be
 * computed as logarithms, and a call with a new temperature takes 3 to 5 % less time without it.
 */
export function placeLogWeights(l: Layout): void {
  const s = changetype<Search>(l.search);
  if (s.placedWeights == <f64>l.bucketLogWeights) return;
  s.placedWeights = <f64>l.bucketLogWeights;
  const least = f32x4.splat(-f32.MAX_VALUE);
  for (let o: usize = 0, end = <usize>l.blockCount * (BLOCK_SLOTS << 2); o < end; o += 16) v128.store(l.slotLogWeights + o, least);
  for (let o: usize = 0, end = <usize>l.bucketCount << 2; o < end; o += 4) {
    store<f32>(l.slotLogWeights + (<usize>load<i32>(l.bucketSlots + o) << 2), load<f32>(l.bucketLogWeights + o));
  }
}

/**
 * Turns the logarithms of bucketLogMasses into slotMasses and blockSums as bucketMasses leaves them, with massShift the
 * largest log mass outside the head. The head's buckets still have to be removed (sumTail). O(blocks). headSlots must
 * be in place (selectHead).
 */
export function massesFromLogs(layout: usize): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  for (let p = l.headSlots, end = p + (<usize>s.headBucketCount << 2); p < end; p += 4) {
    store<f32>(l.slotMasses + (<usize>load<i32>(p) << 2), -f32.MAX_VALUE);
  }
  const slots = l.blockCount * BLOCK_SLOTS;
  const shift = slots > 0 ? maxOf(l.slotMasses, slots) : 0;
  s.massShift = <f64>shift;
  s.massPath = abs(shift) > COARSE ? MASS_PATH_LOGS : MASS_PATH_F64;
  expInto(l.slotMasses, slots, shift, 1, l.slotMasses);
  for (let block: usize = 0; block < <usize>l.blockCount; block++) {
    let sum = f32x4.splat(0);
    for (let quad = block * BLOCK_QUADS, end = quad + BLOCK_QUADS; quad < end; quad++) {
      const empty = i32x4.shr_s(v128.load(l.slotBuckets + (quad << 4)), 31);
      const mass = v128.andnot(v128.load(l.slotMasses + (quad << 4)), empty);
      v128.store(l.slotMasses + (quad << 4), mass);
      sum = f32x4.add(sum, mass);
    }
    v128.store(l.blockSums + (block << 4), sum);
  }
}
