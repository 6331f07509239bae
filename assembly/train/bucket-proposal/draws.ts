import { PURPOSE_SAMPLE, ROW_BLOCK_BITS, ROW_LANES } from "../../../src/abi";
import { lastAtMost } from "../../bisect";
import { prefixLanes, sumLanesI32 } from "../../lanes";
import { philoxInto, uniformAt } from "../../random";
import { touchedBucket } from "./exclusion";
import { BLOCK_BYTES, Buckets } from "./tables";
import { biasOf, entryAt, startOf } from "./weights";

/**
 * Draws `count` classes from the proposal: drawIds, with their log Q in drawLogQ. The random words depend on seed,
 * query and index alone. The proposal must be in place (proposeBuckets). O(count (log K + K / 16)).
 */
export function drawBuckets(buckets: usize, count: i32, seed: u64): void {
  const b = changetype<Buckets>(buckets);
  for (let j = 0; j < count; j++) {
    philoxInto(seed, b.queryHash, (<u64>j << 32) | PURPOSE_SAMPLE, b.numbers + (<usize>j << 4));
  }
  placeDraws(buckets, count);
}

/**
 * Turns `numbers` into draws, drawIds and drawLogQ. Two words choose the cell of a draw and two its class. The words
 * are overwritten.
 */
export function placeDraws(buckets: usize, count: i32): void {
  const b = changetype<Buckets>(buckets);
  // One loop for each step, so that the latencies of several draws overlap: 6 µs for 100 draws at K = 256, 10 µs with
  // the first three steps in one loop. Philox for four draws at once, and all four lanes of a quarter at once, gained
  // nothing.
  for (let j: usize = 0; j < <usize>count; j++) chooseRow(b, b.numbers + (j << 4), b.drawCells + (j << 2));
  for (let j: usize = 0; j < <usize>count; j++) chooseLane(b, b.numbers + (j << 4), b.drawCells + (j << 2));
  for (let j: usize = 0; j < <usize>count; j++) chooseCell(b, b.numbers + (j << 4), b.drawCells + (j << 2));
  for (let j: usize = 0; j < <usize>count; j++) {
    store<i32>(b.drawIds + (j << 2), classIn(b, load<i32>(b.drawCells + (j << 2)), b.numbers + (j << 4) + 8));
  }
  for (let j: usize = 0; j < <usize>count; j++) {
    const id = load<i32>(b.drawIds + (j << 2));
    store<f64>(b.drawLogQ + (j << 3), logQOf(b, load<i32>(b.drawCells + (j << 2)), id));
  }
}

/**
 * Sets drawLogQ to log Q of the first `count` classes in drawIds, -Infinity for excluded ones. The proposal must be in
 * place (proposeBuckets). O(count).
 */
export function logQOfClasses(buckets: usize, count: i32): void {
  const b = changetype<Buckets>(buckets);
  for (let i: usize = 0; i < <usize>count; i++) {
    const id = load<i32>(b.drawIds + (i << 2));
    const logQ = logQOf(b, load<i32>(b.cells + (<usize>id << 2)), id);
    store<f64>(b.drawLogQ + (i << 3), load<u8>(b.excluded + <usize>id) ? -Infinity : logQ);
  }
}

/**
 * Returns log Q of a class, rounded to f32 and at most 0: rounding at large logits would exceed 0 for a class that has
 * nearly all the mass.
 */
// @ts-ignore: decorator
@inline
function logQOf(b: Buckets, cell: i32, id: i32): f64 {
  const subScore = <f64>load<f32>(b.subScores1 + (<usize>(cell >> b.columnBits) << 2))
    + <f64>load<f32>(b.subScores2 + (<usize>columnOf(b, cell) << 2));
  return min<f64>(0, <f64><f32>(subScore + biasOf(b, id) - b.logTotal));
}

/**
 * Writes the row into which the number at `rest`, times the total, falls to `row`. `rest` becomes the remainder within
 * the row, as f32, in units of the row.
 */
// @ts-ignore: decorator
@inline
function chooseRow(b: Buckets, rest: usize, row: usize): void {
  const target = uniformAt(rest) * b.total;
  const found = lastAtMost<f64>(b.rowPrefix, b.rowCount, target);
  const scale = <f64>load<f32>(b.rowScales + (<usize>found << 2));
  store<f32>(rest, <f32>((target - load<f64>(b.rowPrefix + (<usize>found << 3))) / scale));
  store<i32>(row, found);
}

/**
 * Replaces the row at `place` by the first cell of the lane into which `rest` falls. `rest` becomes the remainder
 * within the lane.
 */
// @ts-ignore: decorator
@inline
function chooseLane(b: Buckets, rest: usize, place: usize): void {
  const row = load<i32>(place), sums = b.laneSums + (<usize>row << 6);
  const prefix0 = prefixLanes(v128.load(sums));
  const prefix1 = f32x4.add(prefixLanes(v128.load(sums, 16)), v128.shuffle<f32>(prefix0, prefix0, 3, 3, 3, 3));
  const prefix2 = f32x4.add(prefixLanes(v128.load(sums, 32)), v128.shuffle<f32>(prefix1, prefix1, 3, 3, 3, 3));
  const prefix3 = f32x4.add(prefixLanes(v128.load(sums, 48)), v128.shuffle<f32>(prefix2, prefix2, 3, 3, 3, 3));
  v128.store(b.lanePrefix, prefix0, 16);
  v128.store(b.lanePrefix, prefix1, 32);
  v128.store(b.lanePrefix, prefix2, 48);
  v128.store(b.lanePrefix, prefix3, 64);
  const target = v128.load32_splat(rest);
  const reached = i32x4.add(
    i32x4.add(f32x4.le(prefix0, target), f32x4.le(prefix1, target)),
    i32x4.add(f32x4.le(prefix2, target), f32x4.le(prefix3, target)),
  );
  const lane = min(-sumLanesI32(reached), ROW_LANES - 1);
  store<f32>(rest, load<f32>(rest) - load<f32>(b.lanePrefix + (<usize>lane << 2), 12));
  store<i32>(place, (row << b.columnBits) + ((lane >> 2) << 4) + (lane & 3));
}

/**
 * Replaces the first cell of the lane at `place` by the cell into which `rest` falls. The sums are added as the lane's
 * own sum was.
 */
// @ts-ignore: decorator
@inline
function chooseCell(b: Buckets, rest: usize, place: usize): void {
  const first = load<i32>(place), blocks = 1 << (b.columnBits - ROW_BLOCK_BITS);
  let masses = b.masses + (<usize>first << 2), seconds = b.secondWeights + (<usize>columnOf(b, first) << 2);
  const target = load<f32>(rest);
  let sum: f32 = 0;
  let turn = 0;
  for (let block = 0; block < blocks; block++, masses += BLOCK_BYTES, seconds += BLOCK_BYTES) {
    sum += load<f32>(masses) * load<f32>(seconds);
    turn += i32(sum <= target);
    sum += load<f32>(masses, 16) * load<f32>(seconds, 16);
    turn += i32(sum <= target);
    sum += load<f32>(masses, 32) * load<f32>(seconds, 32);
    turn += i32(sum <= target);
    sum += load<f32>(masses, 48) * load<f32>(seconds, 48);
    turn += i32(sum <= target);
  }
  turn = min(turn, 4 * blocks - 1);
  const cell = first + ((turn >> 2) << ROW_BLOCK_BITS) + ((turn & 3) << 2);
  store<i32>(place, massOf(b, cell) > 0 ? cell : nearestWithMass(b, cell));
}

/** Returns the mass of a cell over the scale of its row. */
// @ts-ignore: decorator
@inline
function massOf(b: Buckets, cell: i32): f32 {
  return load<f32>(b.masses + (<usize>cell << 2)) * load<f32>(b.secondWeights + (<usize>columnOf(b, cell) << 2));
}

// @ts-ignore: decorator
@inline
function columnOf(b: Buckets, cell: i32): i32 {
  return cell & ((1 << b.columnBits) - 1);
}

/**
 * Returns a cell with mass for a target that rounding carried onto a cell without: the last before it in the row, or
 * the first behind it. The row must have mass.
 */
function nearestWithMass(b: Buckets, cell: i32): i32 {
  const first = cell - columnOf(b, cell), end = first + (1 << b.columnBits);
  for (let before = cell; before >= first; before--) if (massOf(b, before) > 0) return before;
  for (let after = cell; after < end; after++) if (massOf(b, after) > 0) return after;
  return cell;
}

/** Chooses a class of the bucket by two words: by its alias table, or by prefix sums if classes of it are excluded. */
// @ts-ignore: decorator
@inline
function classIn(b: Buckets, cell: i32, words: usize): i32 {
  const left = load<i32>(b.touchedAt + (<usize>cell << 2));
  if (left >= 0) return classLeftIn(b, left, uniformAt(words));
  const start = load<i32>(startOf(b, cell)), count = load<i32>(startOf(b, cell), 4) - start;
  const entry = entryAt(b, start + <i32>((<u64>load<u32>(words) * <u64>count) >> 32));
  return select(entry.id, entry.alias, load<u32>(words, 4) < entry.height);
}

/** Chooses a class of a bucket with excluded classes by a uniform number. */
function classLeftIn(b: Buckets, left: i32, uniform: f64): i32 {
  const touched = touchedBucket(b, left), last = touched.count - 1;
  const sums = b.leftSums + (<usize>touched.start << 3);
  const above = lastAtMost<f64>(sums, last, uniform * load<f64>(sums + (<usize>last << 3))) + 1;
  return load<i32>(b.leftIds + (<usize>(touched.start + above) << 2));
}
