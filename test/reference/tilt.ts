import { BLOCK_SLOTS, DISPERSION_DIRECTIONS } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { dotRows } from "./dot.ts";
import { laneSums, sumLanes } from "./lanes.ts";
import { log64 } from "./log.ts";
import type { MassUnits, SubScores, Tail, TiltPath } from "./mass-units.ts";
import type { PreparedQuery } from "./query.ts";
import { codesOf } from "./reference-index.ts";

const f32 = Math.fround;
const MOST_F32 = (2 - 2 ** -23) * 2 ** 127;

/** The largest tilt, as a logarithm. */
const MOST_TILT = 4;

/** 2^23 / ln 2: a logarithm times this is in units of the last bit of an f32 exponent. */
const EXPONENT = 2 ** 23 * Math.LOG2E;
/** 2^15 / ln 2: a logarithm times this is in the units of a tilt factor. */
const FACTOR = 2 ** 15 * Math.LOG2E;
const FACTOR_LIMIT = f32(MOST_TILT * FACTOR);
const MOMENT_LIMIT = 100 * 2 ** 23;
const SMALLEST_EXPONENT = -126 * 2 ** 23;
const LARGEST_TILT = 2 ** 60;

/** D times the variance of a residual's product with the query, over the dispersion. 0 without dispersions. */
function querySpread(index: DerivedIndex, { query, querySquare }: PreparedQuery): number {
  if (!index.dispersions) return 0;
  const products = dotRows(query, index.directions, DISPERSION_DIRECTIONS);
  return products.reduce((sum, product) => sum + product * product, index.slots.evenShare * querySquare);
}

/** Times a dispersion it is σ² / 2. */
export const tiltRate = (index: DerivedIndex, prepared: PreparedQuery): number =>
  (0.5 * querySpread(index, prepared) * index.inverseTemperature * index.inverseTemperature) / index.facts.dim;

const tiltScale = (rate: number): number => f32(Math.min(rate * FACTOR, MOST_F32));
const tiltLogScale = (rate: number): number => f32(Math.min(rate, MOST_F32));

const oneFloat = new Float32Array(1);
const itsBits = new Int32Array(oneFloat.buffer);
const ONE = 0x3f800000;

/** 2^(x / 2^23), linear between powers of two. */
function powerOfTwo(x: number): number {
  itsBits[0] = Math.trunc(x) + ONE;
  return oneFloat[0] as number;
}

/** The tilt of a dispersion as a factor, to 2^-15 of an exponent. Adding 2^23 in f32 rounds to integers, ties to even. */
export const tiltFactor = (dispersion: number, rate: number): number =>
  powerOfTwo((f32(Math.min(f32(dispersion * tiltScale(rate)), FACTOR_LIMIT) + 2 ** 23) - 2 ** 23) * 2 ** 8);

/** The tilt of a dispersion as a logarithm in f32. */
export const tiltLog = (dispersion: number, rate: number): number =>
  Math.min(f32(dispersion * tiltLogScale(rate)), MOST_TILT);

/** The logarithm of the tilt that is part of the bucket's mass. */
export function logTilt(index: DerivedIndex, rate: number, path: TiltPath, bucket: number): number {
  if (path === "none" || !index.dispersions) return 0;
  const dispersion = at(index.dispersions, bucket);
  return path === "factors" ? log64(tiltFactor(dispersion, rate)) : tiltLog(dispersion, rate);
}

/** The logarithm of the second moment of a bucket, in units of the last bit of an f32 exponent. */
function momentExponent(dispersion: number, rate: number, reach: number): number {
  const variance = f32(2 * Math.min(f32(dispersion * tiltLogScale(rate)), LARGEST_TILT));
  const deviation = f32(Math.sqrt(variance));
  const kept = Math.min(deviation, f32(reach * 0.5));
  const moment = f32(kept * f32(f32(deviation + deviation) - kept));
  return f32(f32(f32(moment + moment) - Math.min(variance, 2 * MOST_TILT)) * f32(EXPONENT));
}

/** What the spread of a tail depends on. */
type SpreadProposal = MassUnits & SubScores & { readonly tail: Tail; readonly headBuckets: Int32Array };

/**
 * The logarithm of the mean of x² over the squared mean of x that the dispersions lead one to expect of the tail. The
 * second moment of a bucket is e^(−2d) E e^(2t), with d the logarithm of its tilt and t ≤ reach · σ: its tilt squared, if
 * neither limit is met by any bucket of its block. Sums are in f32 by lane: over a block, or over a quad where the largest moment of the index is too large for f32.
 */
export function tailSpread(index: DerivedIndex, proposal: SpreadProposal): number {
  const { slotMasses, tailTotal } = proposal.tail;
  const rate = proposal.tiltRate;
  if (!index.dispersions || !(tailTotal > 0)) return 0;
  const { slotDispersions, blockDispersions, largestDispersion, residualReach } = index.slots;
  const exponents = slotDispersions.map((dispersion) => momentExponent(dispersion, rate, residualReach));
  if (momentExponent(largestDispersion, rate, residualReach) > MOMENT_LIMIT) {
    const products = exponents.map((moment, slot) => f32(massExponent(index, proposal, slot) + moment));
    return Math.max(0, logSumOf(products) - log64(tailTotal));
  }
  const limit = Math.min((residualReach * 0.5) ** 2, 2 * MOST_TILT);
  const isTame = (slot: number): boolean =>
    2 * at(blockDispersions, Math.floor(slot / BLOCK_SLOTS)) * tiltLogScale(rate) <= limit;
  const moments = slotMasses.map((mass, slot) => {
    if (!isTame(slot)) return mass * powerOfTwo(at(exponents, slot));
    const tilt = tiltFactor(at(slotDispersions, slot), rate);
    return f32(mass * tilt) * tilt;
  });
  return Math.max(0, log64(sumOf(moments, BLOCK_SLOTS)) - log64(tailTotal));
}

/**
 * The logarithm of the mass of a slot, in units of the last bit of an f32 exponent, though f32 may not hold the mass. The
 * smallest f32 for an empty slot and for one of the head.
 */
function massExponent(index: DerivedIndex, proposal: SpreadProposal, slot: number): number {
  const { slotBuckets, slotLogWeights } = index.slots;
  const bucket = at(slotBuckets, slot);
  if (bucket < 0 || proposal.headBuckets.includes(bucket)) return -MOST_F32;
  const { k1, k2 } = codesOf(index, bucket);
  const subScore = f32(at(proposal.subScores1, k1) + at(proposal.subScores2, k2));
  const tilt = tiltLog(at(index.dispersions as Float32Array, bucket), proposal.tiltRate);
  const logMass = f32(f32(subScore + at(slotLogWeights, slot)) + tilt);
  return f32(f32(logMass - f32(proposal.massShift)) * f32(EXPONENT));
}

/** The logarithm of the sum of products with these exponents, in units of the largest. */
function logSumOf(exponents: Float32Array): number {
  const top = exponents.reduce((largest, value) => Math.max(largest, value), -MOST_F32);
  const parts = exponents.map((value) => powerOfTwo(Math.max(f32(value - top), SMALLEST_EXPONENT)));
  return log64(sumOf(parts, 4)) + top / EXPONENT;
}

/** The sum of values, in f32 by lane within `length` of them, in f64 beyond. */
function sumOf(values: Float32Array, length: number): number {
  let total = 0;
  for (let i = 0; i < values.length; i += length) total += sumLanes(laneSums(values.subarray(i, i + length)));
  return total;
}
