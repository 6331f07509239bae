import * as structs from "../../build/structs.ts";
import { BLOCK_SLOTS, SHARE_BITS } from "../abi.ts";
import { idsByPosition } from "../memory/ids-by-position.ts";
import { lastAtMost } from "../memory/last-at-most.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { proposeBlocks } from "./allowed-blocks.ts";
import { streamsAllowed } from "./allowed-head.ts";
import type { DrawRequest } from "./draws.ts";
import { filterInPlace } from "./excluded-bits.ts";
import { logOfSum } from "./log-of-sum.ts";
import { proposalTotal } from "./log-q-by-codes.ts";
import type { LogProposal } from "./mixture.ts";

/**
 * Masses of the tail are products of f32 factors in units of their largest, none below e^-87. The masses behind a sum of at
 * least this much are right.
 */
const LEAST_TAIL = 2 ** -60;

/** A part of a sum that is smaller than the other by more than this factor, as a logarithm, is lost in rounding. */
const NEGLIGIBLE = 36;

/**
 * Computes the logarithm of the probability that the proposal in place gives to all classes but those at these positions,
 * which differ. It sums the masses that are left, so it is right even where almost nothing is left. −∞ where nothing is.
 * O(scan + B) by buckets, O(N) by codes, and O(N·D) where f32 cannot hold the masses by codes that are left.
 */
export function logRestOfProposal(
  opened: OpenedIndex,
  { proposal, scan }: Pick<DrawRequest, "proposal" | "scan">,
  positions: Int32Array,
  logProposal: LogProposal,
): number {
  const { kernels } = opened;
  const { shift, logTotal } = proposalTotal(opened);
  const hasTail = read(opened, structs.SEARCH_TAIL_TOTAL) > 0;
  const restOfTail = proposal === "codes" ? restByCodes : restByBuckets;
  const tail = hasTail ? restOfTail(opened, positions) : 0;
  const logUnit = read(opened, structs.SEARCH_MASS_SHIFT) - shift;
  const restOfHead = streamsAllowed(opened, scan) ? logRestOfBlocks : logRestOfHead;
  const logHead = restOfHead(opened, positions, shift);
  const least = logUnit + kernels.log64(LEAST_TAIL);
  if (tail < LEAST_TAIL && logHead < least + NEGLIGIBLE && hasTail) {
    if (proposal === "codes") return logSumOfOthers(opened, positions, logProposal);
    return logOfSum(opened, logHead, logRestByBuckets(opened, positions, shift)) - logTotal;
  }
  const logTail = tail > 0 ? logUnit + kernels.log64(tail) : Number.NEGATIVE_INFINITY;
  return logOfSum(opened, logHead, logTail) - logTotal;
}

/** Sums Q of all other classes, by its logarithm. */
function logSumOfOthers(opened: OpenedIndex, positions: Int32Array, logProposal: LogProposal): number {
  const { kernels, plan } = opened;
  const ids = idsByPosition(opened);
  const isLeftOut = new Set(positions);
  const positionOf = new Int32Array(kernels.memory.buffer, plan.regions.positions, plan.capacity);
  // A row of the file that changes have superseded has the id of another.
  const isOther = (id: number, position: number): boolean => positionOf[id] === position && !isLeftOut.has(position);
  const logs = logProposal(ids.filter(isOther));
  const top = logs.reduce((most, log) => Math.max(most, log), Number.NEGATIVE_INFINITY);
  if (top === Number.NEGATIVE_INFINITY) return top;
  return top + kernels.log64(logs.reduce((sum, log) => sum + kernels.exp64(log - top), 0));
}

/** Does the same as logRestOfHead for a head of all classes that are not filtered out, scored again in blocks. */
function logRestOfBlocks(opened: OpenedIndex, positions: Int32Array, shift: number): number {
  let log = Number.NEGATIVE_INFINITY;
  proposeBlocks(opened, () => {
    log = logOfSum(opened, log, logRestOfHead(opened, positions, shift));
  });
  return log;
}

/** Returns the logarithm of the mass of the head without these classes, less `shift`. */
function logRestOfHead(opened: OpenedIndex, positions: Int32Array, shift: number): number {
  const { kernels, plan, conditions } = opened;
  const { buffer } = kernels.memory;
  const count = read(opened, structs.SEARCH_HEAD_COUNT);
  const head = new Int32Array(buffer, plan.regions.headPositions, count);
  const isLeftOut = new Set(positions);
  const scores = new Float32Array(buffer, plan.regions.headScores, count);
  let top = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if (isLeftOut.has(head[i] as number)) continue;
    const log = (scores[i] as number) * conditions.inverseTemperature;
    if (log > top) {
      sum *= kernels.exp64(top - log);
      top = log;
    }
    sum += kernels.exp64(log - top);
  }
  return sum > 0 ? top - shift + kernels.log64(sum) : Number.NEGATIVE_INFINITY;
}

/** Returns the mass of the tail by buckets without these classes: blocks with one of them are summed again without it. */
function restByBuckets(opened: OpenedIndex, positions: Int32Array): number {
  const { kernels, plan } = opened;
  const { buffer } = kernels.memory;
  const blockCount = new DataView(buffer, plan.layout).getUint32(structs.LAYOUT_BLOCK_COUNT, true);
  const masses = new Float32Array(buffer, plan.regions.slotMasses, blockCount * BLOCK_SLOTS);
  const sums = new Float32Array(buffer, plan.regions.blockSums, 4 * blockCount);
  const takenBySlot = sharesTaken(opened, positions);
  const touched = new Set(Array.from(takenBySlot.keys(), (slot) => Math.floor(slot / BLOCK_SLOTS)));
  let rest = 0;
  for (let block = 0; block < blockCount; block++) {
    if (touched.has(block)) continue;
    for (let lane = 4 * block; lane < 4 * block + 4; lane++) rest += sums[lane] as number;
  }
  for (const block of touched) {
    for (let slot = block * BLOCK_SLOTS; slot < (block + 1) * BLOCK_SLOTS; slot++) {
      rest += (masses[slot] as number) * (1 - (takenBySlot.get(slot) ?? 0));
    }
  }
  return rest;
}

/** Returns the logarithm of the mass of the tail by buckets without these classes, less `shift`, from logarithms of masses. */
function logRestByBuckets(opened: OpenedIndex, positions: Int32Array, shift: number): number {
  const { kernels, plan, header } = opened;
  const { offsets, slots, partOf, isLeftOut } = bucketShares(opened);
  const takenBySlot = sharesTaken(opened, positions);
  const headCount = read(opened, structs.SEARCH_HEAD_BUCKET_COUNT);
  const inHead = new Set(new Int32Array(kernels.memory.buffer, plan.regions.headBuckets, headCount));
  let log = Number.NEGATIVE_INFINITY;
  for (let bucket = 0; bucket < header.facts.bucketCount; bucket++) {
    const left = 1 - (takenBySlot.get(slots[bucket] as number) ?? 0);
    if (inHead.has(bucket) || left === 0) continue;
    let position = offsets[bucket] as number;
    while (position < (offsets[bucket + 1] as number) && isLeftOut(position)) position++;
    if (position === offsets[bucket + 1]) continue; // all its classes are filtered out
    const logBucket = kernels.logMassAt(plan.layout, bucket, position) - kernels.log64(partOf(bucket, position));
    log = logOfSum(opened, log, logBucket - shift + kernels.log64(left));
  }
  return log;
}

/** Returns the part of each slot's bucket that these classes have. */
function sharesTaken(opened: OpenedIndex, positions: Int32Array): Map<number, number> {
  const { offsets, slots, partOf, isLeftOut } = bucketShares(opened);
  const taken = new Map<number, number>();
  for (const position of positions) {
    if (position >= (offsets.at(-1) as number) || isLeftOut(position)) continue; // outliers are in the head
    const bucket = lastAtMost(offsets, position);
    const slot = slots[bucket] as number;
    taken.set(slot, (taken.get(slot) ?? 0) + partOf(bucket, position));
  }
  return taken;
}

/**
 * Returns the tables of buckets and, as partOf, the part that a class has in its bucket: whole units, so sums of them are
 * exact. isLeftOut finds the classes without a part, which are filtered out or have changed logits.
 */
function bucketShares(opened: OpenedIndex) {
  const { kernels, plan, header } = opened;
  const { buffer } = kernels.memory;
  const bits = filterInPlace(opened);
  const { bucketCount } = header.facts;
  const offsets = new Int32Array(buffer, plan.file + (header.tensors.bucketOffsets?.begin ?? 0), bucketCount + 1);
  const isLeftOut = (position: number): boolean => (((bits[position >> 5] as number) >> (position & 31)) & 1) === 1;
  const partOf = (bucket: number, position: number): number =>
    kernels.unitsAt(plan.layout, bucket, position) / 2 ** SHARE_BITS;
  return { offsets, slots: new Int32Array(buffer, plan.regions.bucketSlots, bucketCount), partOf, isLeftOut };
}

/** Returns the mass of the tail by fine codes without these classes. */
function restByCodes({ kernels, plan, header }: OpenedIndex, positions: Int32Array): number {
  const { itemCount } = header.facts;
  const masses = new Float32Array(kernels.memory.buffer, plan.regions.codeMasses, itemCount);
  const isLeftOut = new Set(positions);
  let rest = 0;
  for (let position = 0; position < itemCount; position++) {
    if ((masses[position] as number) > 0 && !isLeftOut.has(position)) rest += masses[position] as number;
  }
  return rest;
}
