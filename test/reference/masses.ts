import { BLOCK_SLOTS } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { dotRows } from "./dot.ts";
import { exp32 } from "./exp.ts";
import { laneSums } from "./lanes.ts";
import type { MassUnits, SubScores } from "./mass-units.ts";
import type { PreparedQuery } from "./query.ts";
import { codesOf, codewordCountOf } from "./reference-index.ts";
import { tiltFactor, tiltLog, tiltRate } from "./tilt.ts";
import { LEAST_F32 } from "./weights.ts";

const f32 = Math.fround;

/** The sub-scores of a query. */
export function subScores(index: DerivedIndex, prepared: PreparedQuery): SubScores {
  const { subQuery1, subQuery2 } = prepared;
  const scaled = (score: number): number => score * index.inverseTemperature;
  return {
    subScores1: dotRows(subQuery1, index.codebook1, codewordCountOf(index)).map(scaled),
    subScores2: dotRows(subQuery2, index.codebook2, codewordCountOf(index)).map(scaled),
    tiltRate: tiltRate(index, prepared),
  };
}

/** The largest magnitude of a logit whose rounding to f32 does not show. */
export const COARSE = 2 ** 12;

/** The masses of the buckets. */
export interface Masses extends Pick<MassUnits, "path" | "tiltPath" | "massShift"> {
  /** (blocks · 32): w_b e^(s_b − massShift), or 0 in an empty slot. */
  readonly slotMasses: Float32Array;
  /** (blocks · 4): the masses of each block, summed by lane. */
  readonly blockSums: Float32Array;
}

/** The order of the buckets for the head. */
export interface Keys {
  /** (blocks · 32): the masses per class as integers in the same order. */
  readonly slotKeys: Int32Array;
  /** (blocks · 4): the largest key of each block by lane. */
  readonly blockMaxima: Int32Array;
}

/** If the largest key or the sum is below this, masses that matter may be 0 or clamped. */
export const SMALLEST_MAXIMUM = 2 ** -64;

/**
 * The masses as products of three factors, each at most 1 and clamped below at e^−87, and of the tilt: e^(subScores1 + the group's
 * largest log w), e^subScores2, and w_b over the group's largest. The keys are mass / number of classes. `enough` says
 * that the largest key is at least 2^-64: below, masses that matter may be 0.
 */
export function bucketMasses(
  index: DerivedIndex,
  scores: SubScores,
): Masses & MassUnits & Keys & { readonly enough: boolean } {
  const { slotBuckets, slotWeights, slotRates, groupLogWeights } = index.slots;
  const groupLogs = scores.subScores1.map((score, group) => score + at(groupLogWeights, group));
  const shift1 = Math.max(...groupLogs);
  const shift2 = Math.max(...scores.subScores2);
  const slotMasses = Float32Array.from(slotBuckets, (bucket, slot) => {
    if (bucket < 0) return 0;
    const { k1, k2 } = codesOf(index, bucket);
    const first = exp32(f32(at(groupLogs, k1) - shift1));
    const second = exp32(f32(at(scores.subScores2, k2) - shift2));
    const mass = f32(f32(at(slotWeights, slot) * second) * first);
    return index.dispersions ? mass * tiltFactor(at(index.dispersions, bucket), scores.tiltRate) : mass;
  });
  const slotKeys = Int32Array.from(slotMasses, (mass, slot) => orderKey(f32(mass * at(slotRates, slot))));
  return {
    massShift: shift1 + shift2,
    groupShift: shift1,
    secondShift: shift2,
    path: Math.max(Math.abs(shift1), Math.abs(shift2)) > COARSE ? "factors" : "f64",
    tiltPath: index.dispersions ? "factors" : "none",
    slotMasses,
    blockSums: sumBlocks(slotMasses),
    slotKeys,
    blockMaxima: maximaOf(slotKeys),
    enough: slotKeys.some((key) => key >= orderKey(SMALLEST_MAXIMUM)),
  };
}

/**
 * The logarithms s_b + log w_b + slope · radius, and their keys, which subtract the logarithm of the number of classes;
 * the smallest f32 in an empty slot. The radii (blocks · 32) are those of residuals.ts. With a slope of 0 they do not
 * matter, and the logarithm of the tilt is added.
 */
export function bucketLogMasses(
  index: DerivedIndex,
  scores: SubScores,
  slope = 0,
  slotRadii = new Float32Array(index.slots.slotBuckets.length),
): Keys & { readonly slotLogMasses: Float32Array } {
  const { slotBuckets, slotLogWeights, slotLogRates } = index.slots;
  const slotLogMasses = Float32Array.from(slotBuckets, (bucket, slot) => {
    if (bucket < 0) return LEAST_F32;
    const { k1, k2 } = codesOf(index, bucket);
    const subScore = f32(at(scores.subScores1, k1) + at(scores.subScores2, k2));
    const logMass = f32(f32(subScore + at(slotLogWeights, slot)) + f32(f32(slope) * at(slotRadii, slot)));
    const isTilted = slope === 0 && index.dispersions;
    return isTilted ? logMass + tiltLog(at(isTilted, bucket), scores.tiltRate) : logMass;
  });
  const slotKeys = Int32Array.from(slotLogMasses, (logMass, slot) => orderKey(f32(logMass + at(slotLogRates, slot))));
  return { slotLogMasses, slotKeys, blockMaxima: maximaOf(slotKeys) };
}

/** The masses from their logarithms, in units of the largest outside the head. Those of the head have no meaning. */
export function massesFromLogs(index: DerivedIndex, slotLogMasses: Float32Array, headSlots: Int32Array): Masses {
  const logMasses = slotLogMasses.slice();
  for (const slot of headSlots) logMasses[slot] = LEAST_F32;
  const massShift = logMasses.length > 0 ? logMasses.reduce((top, value) => Math.max(top, value)) : 0;
  const slotMasses = logMasses.map((logMass, slot) =>
    at(index.slots.slotBuckets, slot) < 0 ? 0 : exp32(f32(logMass - massShift)),
  );
  const path = Math.abs(massShift) > COARSE ? "logs" : "f64";
  const tiltPath = index.dispersions ? "logs" : "none";
  return { path, tiltPath, massShift, slotMasses, blockSums: sumBlocks(slotMasses) };
}

const LEAST_I32 = -(2 ** 31);

const oneFloat = new Float32Array(1);
const itsBits = new Int32Array(oneFloat.buffer);

/** Maps f32 to i32 in the same order: the bits, where those below the sign are inverted for negative numbers. */
export function orderKey(value: number): number {
  oneFloat[0] = value;
  const bits = itsBits[0] as number;
  return bits < 0 ? bits ^ 0x7fffffff : bits;
}

/** The f32 sums by lane of each block of 32. */
export const sumBlocks = (slotMasses: Float32Array): Float32Array =>
  Float32Array.from(blocksOf(slotMasses).flatMap((block) => Array.from(laneSums(block))));

/** The largest key by lane of each block of 32. */
export const maximaOf = (slotKeys: Int32Array): Int32Array =>
  Int32Array.from(
    blocksOf(slotKeys).flatMap((block) =>
      [0, 1, 2, 3].map((lane) => block.reduce((top, key, i) => (i % 4 === lane ? Math.max(top, key) : top), LEAST_I32)),
    ),
  );

const blocksOf = <T extends Float32Array | Int32Array>(slots: T): T[] =>
  Array.from(
    { length: slots.length / BLOCK_SLOTS },
    (_, i) => slots.subarray(i * BLOCK_SLOTS, (i + 1) * BLOCK_SLOTS) as T,
  );
