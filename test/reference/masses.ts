import { BLOCK_SLOTS } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { dotRows } from "./dot.ts";
import { exp32 } from "./exp.ts";
import { laneSums } from "./lanes.ts";
import type { PreparedQuery } from "./query.ts";
import { codesOf, codewordCountOf } from "./reference-index.ts";
import { LEAST_F32 } from "./weights.ts";

const f32 = Math.fround;

export interface SubScores {
  /** (K): ⟨z1, C1[k]⟩ / T */
  readonly subScores1: Float32Array;
  /** (K): ⟨z2, C2[k]⟩ / T */
  readonly subScores2: Float32Array;
}

export function subScores(index: DerivedIndex, { subQuery1, subQuery2 }: PreparedQuery): SubScores {
  const scaled = (score: number): number => score * index.inverseTemperature;
  return {
    subScores1: dotRows(subQuery1, index.codebook1, codewordCountOf(index)).map(scaled),
    subScores2: dotRows(subQuery2, index.codebook2, codewordCountOf(index)).map(scaled),
  };
}

/** How masses were made, where logits are so large that their rounding shows. */
export type MassRoad = "fine" | "factors" | "logs";

/** Largest magnitude whose rounding to f32 does not show. */
export const COARSE = 2 ** 12;

/** What the logs of masses are relative to. */
export interface MassUnits {
  readonly road: MassRoad;
  /** log of the unit of the masses. */
  readonly massShift: number;
  /** Largest logs of the factors, of groups and of second codewords. */
  readonly groupShift: number;
  readonly secondShift: number;
}

export interface Masses extends Pick<MassUnits, "road" | "massShift"> {
  /** (blocks · 32): w_b e^(s_b − massShift); 0 where no bucket is. */
  readonly slotMasses: Float32Array;
  /** (blocks · 4): masses of a block summed by lane. */
  readonly blockSums: Float32Array;
}

export interface Keys {
  /** (blocks · 32): order-preserving keys of the masses per class. */
  readonly slotKeys: Int32Array;
  /** (blocks · 4): largest key of a block by lane. */
  readonly blockMaxima: Int32Array;
}

/** Below this largest key or sum, masses that matter may be 0 or clamped. */
export const SMALLEST_MAXIMUM = 2 ** -64;

/**
 * Masses in three factors, each at most 1 and clamped below by e^−87: e^(subScores1 + the group's largest log w), by
 * e^subScores2, by w_b over the group's largest; and keys = mass / number of classes.
 * `enough` is whether the largest key is at least 2^-64: below, masses that matter may be 0.
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
    return f32(at(slotWeights, slot) * second) * first;
  });
  const slotKeys = Int32Array.from(slotMasses, (mass, slot) => orderKey(f32(mass * at(slotRates, slot))));
  return {
    massShift: shift1 + shift2,
    groupShift: shift1,
    secondShift: shift2,
    road: Math.max(Math.abs(shift1), Math.abs(shift2)) > COARSE ? "factors" : "fine",
    slotMasses,
    blockSums: sumBlocks(slotMasses),
    slotKeys,
    blockMaxima: maximaOf(slotKeys),
    enough: slotKeys.some((key) => key >= orderKey(SMALLEST_MAXIMUM)),
  };
}

/**
 * By logarithm: s_b + log w_b + slope · radius, and keys of it less log of the number of classes; the least f32 where no
 * bucket is. Radii (blocks · 32) are of whole/residuals.ts; with a slope of 0 they don't matter.
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
    return f32(subScore + at(slotLogWeights, slot)) + f32(f32(slope) * at(slotRadii, slot));
  });
  const slotKeys = Int32Array.from(slotLogMasses, (logMass, slot) => orderKey(f32(logMass + at(slotLogRates, slot))));
  return { slotLogMasses, slotKeys, blockMaxima: maximaOf(slotKeys) };
}

/** Masses from their logarithms, in units of the largest outside of the head; those of the head mean nothing. */
export function massesFromLogs(index: DerivedIndex, slotLogMasses: Float32Array, headSlots: Int32Array): Masses {
  const logMasses = slotLogMasses.slice();
  for (const slot of headSlots) logMasses[slot] = LEAST_F32;
  const massShift = logMasses.length > 0 ? logMasses.reduce((top, value) => Math.max(top, value)) : 0;
  const slotMasses = logMasses.map((logMass, slot) =>
    at(index.slots.slotBuckets, slot) < 0 ? 0 : exp32(f32(logMass - massShift)),
  );
  const road = Math.abs(massShift) > COARSE ? "logs" : "fine";
  return { road, massShift, slotMasses, blockSums: sumBlocks(slotMasses) };
}

const LEAST_I32 = -(2 ** 31);

const oneFloat = new Float32Array(1);
const itsBits = new Int32Array(oneFloat.buffer);

/** i32s in the order of the f32s: the bits, those below the sign turned over for negative ones. */
export function orderKey(value: number): number {
  oneFloat[0] = value;
  const bits = itsBits[0] as number;
  return bits < 0 ? bits ^ 0x7fffffff : bits;
}

/** f32 sums by lane of each block of 32. */
export const sumBlocks = (slotMasses: Float32Array): Float32Array =>
  Float32Array.from(blocksOf(slotMasses).flatMap((block) => Array.from(laneSums(block))));

/** Largest key by lane of each block of 32. */
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
