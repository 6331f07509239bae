import { BLOCK_QUADS, BLOCK_SLOTS, MASS_PATH_FACTORS, MASS_PATH_F64, MASS_PATH_LOGS, SHARE_BITS, TILT_FACTORS } from "../src/abi";
import { prefixLanes, sumLanes, sumLanes4 } from "./lanes";
import { Layout, Search } from "./layout";
import { log64 } from "./log";
import { ALL_SHARES, ensureShares, guided, shareStart } from "./shares";
import { logTilt, logTiltInF32, quadMoment, tiltFactors, tiltScale } from "./tilt";

/**
 * Removes the head's buckets from slotMasses and sums the rest into blockSums, blockMoments, groupPrefix and tailTotal.
 * O(blocks).
 *
 * The tail is summed over its own buckets and never by subtraction, which would cancel when the head holds nearly
 * everything. slotMasses and blockSums must be in place (bucketMasses or massesFromLogs), headSlots too (selectHead).
 */
export function sumTail(layout: usize): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  for (let p = l.headSlots, end = p + (<usize>s.headBucketCount << 2); p < end; p += 4) {
    const slot = load<i32>(p), block = slot / BLOCK_SLOTS;
    store<f32>(l.slotMasses + (<usize>slot << 2), 0);
    if (p + 4 < end && load<i32>(p, 4) / BLOCK_SLOTS == block) continue; // the next one is of the same block
    sumBlock(l, block);
  }
  sumGroups(l);
}

/** Sums blockSums into groupPrefix and tailTotal. O(blocks). */
export function sumGroups(l: Layout): void {
  let total: f64 = 0;
  for (let group = 0; group < l.codewordCount; group++) {
    store<f64>(l.groupPrefix + (<usize>group << 3), total);
    const blocks = l.groupBlocks + (<usize>group << 2);
    const end = l.blockSums + (<usize>load<i32>(blocks, 4) << 4);
    let sum = f32x4.splat(0);
    for (let p = l.blockSums + (<usize>load<i32>(blocks) << 4); p < end; p += 16) sum = f32x4.add(sum, v128.load(p));
    total += <f64>sumLanes(sum);
  }
  store<f64>(l.groupPrefix + (<usize>l.codewordCount << 3), total);
  changetype<Search>(l.search).tailTotal = total;
}

/** Sums the masses of a block into blockSums, and into blockMoments where tilts are factors. O(1). */
export function sumBlock(l: Layout, block: i32): void {
  const first = <usize>block * (BLOCK_SLOTS << 2), masses = l.slotMasses + first;
  const areFactors = changetype<Search>(l.search).tiltPath == TILT_FACTORS;
  const dispersions = l.slotDispersions + first, scale = f32x4.splat(tiltScale(l));
  let sum = f32x4.splat(0), moment = f32x4.splat(0);
  for (let o: usize = 0; o < <usize>(BLOCK_QUADS << 4); o += 16) {
    const mass = v128.load(masses + o);
    sum = f32x4.add(sum, mass);
    if (areFactors) moment = f32x4.add(moment, quadMoment(mass, tiltFactors(v128.load(dispersions + o), scale)));
  }
  v128.store(l.blockSums + (<usize>block << 4), sum);
  if (areFactors) v128.store(l.blockMoments + (<usize>block << 4), moment);
}

/**
 * Returns the last group whose prefix is at most `target`. The search starts at `group`, so ascending targets pass over
 * the groups once.
 */
// @ts-ignore: decorator
@inline
export function groupFrom(l: Layout, group: i32, target: f64): i32 {
  const last = l.codewordCount - 1;
  while (group < last && load<f64>(l.groupPrefix + (<usize>group << 3), 8) <= target) group++;
  return group;
}

/**
 * Returns the slot into which `target`, in [0, tailTotal), falls. `group` must be the group of the target. The search
 * goes by prefix sums of blocks, of the quads of a block and of the slots of a quad, and compares eight of them at
 * once: a branch for each costs more. O(blocks of the group).
 */
export function slotIn(layout: usize, group: i32, target: f64): i32 {
  const l = changetype<Layout>(layout);
  const groupBlocks = l.groupBlocks + (<usize>group << 2);
  const endBlock = load<i32>(groupBlocks, 4);
  let block = load<i32>(groupBlocks);
  let rest = <f32>(target - load<f64>(l.groupPrefix + (<usize>group << 3)));
  let step = 0;
  for (; block < endBlock; block += 8) {
    step = countUpTo(l, l.blockSums + (<usize>block << 4), min(endBlock - block, 8), rest);
    rest -= sumBefore(l, step);
    if (step < 8) break;
  }
  block += step;
  if (block >= endBlock) return lastMass(l, endBlock * BLOCK_SLOTS - 1);
  const masses = l.slotMasses + <usize>block * (BLOCK_SLOTS << 2);
  const quad = countUpTo(l, masses, BLOCK_QUADS, rest);
  if (quad == BLOCK_QUADS) return lastMass(l, block * BLOCK_SLOTS + BLOCK_SLOTS - 1);
  rest -= sumBefore(l, quad);
  const slots = prefixLanes(v128.load(masses + (<usize>quad << 4)));
  const lane = popcnt(i32x4.bitmask(f32x4.le(slots, f32x4.splat(rest))));
  return lastMass(l, block * BLOCK_SLOTS + (quad << 2) + min(lane, 3));
}

/**
 * Returns how many of the prefix sums over the totals of `count` <= 8 vectors are at most `rest`. Eight vectors are
 * read.
 */
function countUpTo(l: Layout, vectors: usize, count: i32, rest: f32): i32 {
  const low = prefixLanes(
    sumLanes4(v128.load(vectors), v128.load(vectors, 16), v128.load(vectors, 32), v128.load(vectors, 48)),
  );
  const high = f32x4.add(
    v128.shuffle<f32>(low, low, 3, 3, 3, 3),
    prefixLanes(sumLanes4(v128.load(vectors, 64), v128.load(vectors, 80), v128.load(vectors, 96), v128.load(vectors, 112))),
  );
  v128.store(l.prefixSums, low, 16);
  v128.store(l.prefixSums, high, 32);
  const splat = f32x4.splat(rest);
  const reached = i32x4.bitmask(f32x4.le(low, splat)) | (i32x4.bitmask(f32x4.le(high, splat)) << 4);
  return popcnt(reached & ((1 << count) - 1));
}

/** Returns the sum of the first `count` vectors that countUpTo saw last. The word in front of prefixSums[4] is 0. */
// @ts-ignore: decorator
@inline
function sumBefore(l: Layout, count: i32): f32 {
  return load<f32>(l.prefixSums + 12 + (<usize>count << 2));
}

/**
 * Returns `slot`, or the last slot before it that has a mass. Prefix sums in different orders round differently. That
 * can carry a target past the end of a group, block or quad, or onto an empty slot behind a full one, and a slot of
 * weight 0 must never be drawn.
 */
function lastMass(l: Layout, slot: i32): i32 {
  while (slot > 0 && load<f32>(l.slotMasses + (<usize>slot << 2)) == 0) slot--;
  return slot;
}

/**
 * Returns the position of the class of `bucket` in whose share the upper 31 bits of `random` fall. The bucket must have
 * a class that is not excluded. O(1) for a bucket whose classes have similar weights, O(log n) at most.
 *
 * The guides (shares.ts) narrow the search to about 16 neighbours before the bisection. A bucket of 40,000 classes
 * spans so many cache lines that bisection alone took 190 ns a draw.
 */
export function positionIn(layout: usize, bucket: i32, random: u32): i32 {
  const l = changetype<Layout>(layout);
  ensureShares(l, bucket);
  random >>= 32 - SHARE_BITS;
  const places = guided(l, bucket, random);
  let low = <i32>places, size = <i32>(places >> 32) - low;
  // The loop does not branch on loaded values, so the cache misses of several draws overlap. It takes five steps
  // whatever the size, which is rarely above 32: a superfluous step changes nothing, but a loop of unknown length costs
  // a misprediction.
  for (; size > 32; size -= size >> 1) low = halve(l, low, size >> 1, random);
  for (let step = 0; step < 5; step++) {
    const half = size >> 1;
    low = halve(l, low, half, random);
    size -= half;
  }
  return low;
}

/** Returns low + half if the share there starts at or before `random`, and low otherwise. */
// @ts-ignore: decorator
@inline
function halve(l: Layout, low: i32, half: i32, random: u32): i32 {
  return low + (half & -i32(shareStart(l, low + half) <= random));
}

/**
 * Returns the logarithm of the unnormalised mass of one class under the bucket proposal, s_b + log w_b + log (its share of the
 * bucket) + the logarithm of the bucket's tilt, or -Infinity for an excluded class. Up to tilt and the rounding of shares this
 * is s_b + log π (docs/method.md, section 2). It is computed in f64 from the f32 tables, and no term underflows.
 */
export function logMassAt(layout: usize, bucket: i32, position: i32): f64 {
  const l = changetype<Layout>(layout);
  const logMass = hasCoarseMasses(l) ? changetype<Search>(l.search).massShift + bucketLogShare(l, bucket) : bucketLogMass(l, bucket);
  ensureShares(l, bucket);
  return logMass - log64(inverseShare(l, bucket, position));
}

/** Returns whether logits are so large that the masses show their rounding to f32. */
export function hasCoarseMasses(l: Layout): bool {
  return changetype<Search>(l.search).massPath != MASS_PATH_F64;
}

/** Returns log w_b. */
// @ts-ignore: decorator
@inline
function bucketLogWeight(l: Layout, bucket: i32): f32 {
  return load<f32>(l.bucketLogWeights + (<usize>bucket << 2));
}

/** Returns s_b + log w_b + the logarithm of the tilt. */
export function bucketLogMass(l: Layout, bucket: i32): f64 {
  const code = load<i32>(l.bucketCodes + (<usize>bucket << 2));
  const subScore = <f64>load<f32>(l.subScores1 + (<usize>(code >> l.bits) << 2))
    + <f64>load<f32>(l.subScores2 + (<usize>(code & (l.codewordCount - 1)) << 2));
  return subScore + <f64>bucketLogWeight(l, bucket) + logTilt(l, bucket);
}

/**
 * Returns bucketLogMass - massShift. If logits are so large that f32 changes the masses, the result is rounded as the masses
 * were, so it is the logarithm of the mass by which draws are made, whatever the logits.
 */
export function bucketLogShare(l: Layout, bucket: i32): f64 {
  const s = changetype<Search>(l.search);
  const code = load<i32>(l.bucketCodes + (<usize>bucket << 2));
  const group = <usize>(code >> l.bits) << 2;
  const first = load<f32>(l.subScores1 + group);
  const second = load<f32>(l.subScores2 + (<usize>(code & (l.codewordCount - 1)) << 2));
  const logWeight = bucketLogWeight(l, bucket);
  if (s.massPath == MASS_PATH_LOGS) return <f64>(first + second + logWeight + logTiltInF32(l, bucket)) - s.massShift;
  if (s.massPath == MASS_PATH_FACTORS) {
    const groupLogWeight = load<f32>(l.groupLogWeights + group);
    return (<f64>(first + groupLogWeight) - s.groupShift) + (<f64>second - s.secondShift)
      + (<f64>logWeight - <f64>groupLogWeight) + logTilt(l, bucket);
  }
  return <f64>first + <f64>second + <f64>logWeight + logTilt(l, bucket) - s.massShift;
}

/**
 * Returns the inverse of the class's share of its bucket: Infinity for an excluded class. The shares must be in place
 * (ensureShares).
 */
// @ts-ignore: decorator
@inline
export function inverseShare(l: Layout, bucket: i32, position: i32): f64 {
  return <f64>ALL_SHARES / <f64>unitsOf(l, position, load<i32>(l.bucketOffsets + (<usize>bucket << 2), 4));
}

/** Returns the share of a class of `bucket` in units of 2^-SHARE_BITS, 0 for an excluded class. */
export function unitsAt(layout: usize, bucket: i32, position: i32): f64 {
  const l = changetype<Layout>(layout);
  ensureShares(l, bucket);
  return <f64>unitsOf(l, position, load<i32>(l.bucketOffsets + (<usize>bucket << 2), 4));
}

/** Returns the share of a class in units, of a bucket that ends at `end`. The shares must be in place (ensureShares). */
export function unitsOf(l: Layout, position: i32, end: i32): u32 {
  return (position + 1 < end ? shareStart(l, position + 1) : ALL_SHARES) - shareStart(l, position);
}
