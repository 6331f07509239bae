import { BLOCK_SLOTS } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { laneSums, sumLanes } from "./lanes.ts";
import { log64 } from "./log.ts";
import type { MassUnits, SubScores, Tail } from "./mass-units.ts";
import { sumBlocks } from "./masses.ts";
import { bucketAt, codesOf, codewordCountOf, positionsOf } from "./reference-index.ts";
import { logTilt, tiltLog } from "./tilt.ts";
import { ALL_SHARES } from "./weights.ts";

const f32 = Math.fround;

/** The tail's mass, summed over its own buckets: in f32 by lane within a group, in f64 over the groups. */
export function sumTail(index: DerivedIndex, slotMasses: Float32Array, headSlots: Int32Array): Tail {
  const { groupBlocks } = index.slots;
  const tailMasses = slotMasses.slice();
  for (const slot of headSlots) tailMasses[slot] = 0;
  const blockSums = sumBlocks(tailMasses);
  const groupPrefix = new Float64Array(codewordCountOf(index) + 1);
  for (let group = 0; group + 1 < groupPrefix.length; group++) {
    const sums = blockSums.subarray(4 * at(groupBlocks, group), 4 * at(groupBlocks, group + 1));
    groupPrefix[group + 1] = at(groupPrefix, group) + sumLanes(laneSums(sums));
  }
  return { slotMasses: tailMasses, blockSums, groupPrefix, tailTotal: at(groupPrefix, groupPrefix.length - 1) };
}

/** The tail without the masses of the classes at the positions `coded`, which are in the head although their buckets are not. */
export function removeCoded(index: DerivedIndex, tail: Tail, coded: ReadonlySet<number>): Tail {
  const slotMasses = tail.slotMasses.slice();
  for (const bucket of new Set(Array.from(coded, (position) => bucketAt(index, position)))) {
    const slot = at(index.slots.bucketSlots, bucket);
    slotMasses[slot] = at(slotMasses, slot) * (unitsBeside(index, bucket, coded) / ALL_SHARES);
  }
  return sumTail(index, slotMasses, new Int32Array());
}

/** The shares of the classes of a bucket that are not at one of the positions `coded`, in units of 2^-31. */
export function unitsBeside(index: DerivedIndex, bucket: number, coded: ReadonlySet<number>): number {
  const { first, count, end } = positionsOf(index, bucket);
  const others = Array.from({ length: count }, (_, i) => first + i).filter((position) => !coded.has(position));
  return others.reduce((sum, position) => sum + shareWidth(index.shares, position, end), 0);
}

/** The last group whose prefix is at most `target`. */
export const groupAt = (tail: Tail, target: number): number =>
  tail.groupPrefix.subarray(0, -1).findLastIndex((prefix) => prefix <= target);

/**
 * The slot into whose interval of the group's masses `target` falls. The reference adds prefix sums in f64 and the
 * kernel in f32, so near a boundary it may name the neighbour. `margin` is the distance to the boundary. Slots of mass
 * 0 have no interval. A target at or beyond the group's end belongs to its last slot with a mass, with a margin of at
 * most 0.
 */
export function slotIn(
  index: DerivedIndex,
  tail: Tail,
  group: number,
  target: number,
): { slot: number; margin: number } {
  const { groupBlocks } = index.slots;
  const begin = at(groupBlocks, group) * BLOCK_SLOTS;
  let slot = -1;
  let start = 0;
  let end = at(tail.groupPrefix, group);
  for (let i = begin; i < at(groupBlocks, group + 1) * BLOCK_SLOTS && end <= target; i++) {
    const mass = at(tail.slotMasses, i);
    if (mass === 0) continue;
    slot = i;
    start = end;
    end += mass;
  }
  return { slot, margin: Math.min(target - start, end - target) };
}

/** The position of the class of `bucket` in whose share of 2^31 the upper 31 bits of the word `random` fall. */
export function positionIn(index: DerivedIndex, bucket: number, random: number): number {
  const { first, end } = positionsOf(index, bucket);
  return first + index.shares.subarray(first, end).findLastIndex((share) => share <= random >>> 1);
}

/** The same for the shares of the classes that `isLeft` leaves, `units` in all, end to end. */
export function positionAmong(
  index: DerivedIndex,
  bucket: number,
  random: number,
  units: number,
  isLeft: (position: number) => boolean,
): number {
  const { first, end } = positionsOf(index, bucket);
  let rest = Number((BigInt(units) * BigInt(random)) >> 32n);
  for (let position = first; position < end; position++) {
    if (!isLeft(position)) continue;
    rest -= shareWidth(index.shares, position, end);
    if (rest < 0) return position;
  }
  return -1;
}

/** The share of a class in its bucket, in units of 2^-31; 0 for an excluded class. */
export function shareWidth(shares: Uint32Array, position: number, end: number): number {
  return (position + 1 < end ? at(shares, position + 1) : ALL_SHARES) - at(shares, position);
}

/**
 * The logarithm of the unnormalised mass of one class, s_b + log w_b + log (its share of the bucket), in f64; −∞ for an
 * excluded class.
 */
export const logMassAt = (
  index: DerivedIndex,
  proposal: SubScores & Partial<MassUnits>,
  bucket: number,
  position: number,
): number => bucketLogMass(index, proposal, bucket) - log64(inverseShare(index, bucket, position));

/** s_b + log w_b + the logarithm of the tilt, with the rounding of the masses where logits are large. */
function bucketLogMass(
  index: DerivedIndex,
  { path = "f64", tiltPath = "none", ...scores }: SubScores & Partial<MassUnits>,
  bucket: number,
): number {
  const { subScores1, subScores2, tiltRate } = scores;
  if (path !== "f64") {
    const proposal = { ...scores, path, tiltPath } as SubScores & MassUnits;
    return proposal.massShift + bucketLogShare(index, proposal, bucket);
  }
  const { k1, k2 } = codesOf(index, bucket);
  const logMass = at(subScores1, k1) + at(subScores2, k2) + at(index.bucketLogWeights, bucket);
  return logMass + logTilt(index, tiltRate, tiltPath, bucket);
}

/** bucketLogMass − massShift, with the rounding of the masses where logits are large. */
export function bucketLogShare(index: DerivedIndex, proposal: SubScores & MassUnits, bucket: number): number {
  const { k1, k2 } = codesOf(index, bucket);
  const { path, tiltPath, tiltRate, massShift, groupShift, secondShift } = proposal;
  const [first, second] = [at(proposal.subScores1, k1), at(proposal.subScores2, k2)];
  const logWeight = at(index.bucketLogWeights, bucket);
  if (path === "f64") return bucketLogMass(index, proposal, bucket) - massShift;
  const inLogs = index.dispersions ? tiltLog(at(index.dispersions, bucket), tiltRate) : 0;
  if (path === "logs") return f32(f32(f32(first + second) + logWeight) + inLogs) - massShift;
  const group = at(index.slots.groupLogWeights, k1);
  const logShare = f32(first + group) - groupShift + (second - secondShift) + (logWeight - group);
  return logShare + logTilt(index, tiltRate, tiltPath, bucket);
}

/** The share of a class of `bucket` in units of 2^-31; 0 for an excluded class. */
export const unitsAt = (index: DerivedIndex, bucket: number, position: number): number =>
  shareWidth(index.shares, position, positionsOf(index, bucket).end);

/** The inverse of the class's share of its bucket; Infinity for an excluded class. */
export const inverseShare = (index: DerivedIndex, bucket: number, position: number): number =>
  ALL_SHARES / unitsAt(index, bucket, position);
