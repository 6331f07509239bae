import { ROW_LANES } from "../../../src/abi";
import { exp4, expInto } from "../../exp";
import { maxOf, sumLanes } from "../../lanes";
import { log64 } from "../../log";
import { subScores } from "./sub-scores";
import { BLOCK_BYTES, Buckets, QUARTER_BYTES } from "./tables";

/** The bytes of the lane sums of a row. */
const LANE_BYTES: usize = <usize>ROW_LANES << 2;

/**
 * If the total, which is at most about K², is below this, masses that matter may be 0 or clamped. They are then
 * computed from logarithms.
 */
const SMALLEST_TOTAL: f64 = 5.421010862427522e-20; // 2^-64

/**
 * Makes the proposal of the query at `query`: sub-scores, sums of masses by row and lane, and log S. O(K (D + K)). The
 * weights must be in place (weighBuckets), and exclusions (exclude) come before this call.
 */
export function proposeBuckets(buckets: usize): void {
  const b = changetype<Buckets>(buckets);
  subScores(b);
  b.masses = b.weights;
  let shift = factoredMasses(b);
  sumRows(b);
  if (b.total < SMALLEST_TOTAL) {
    b.masses = b.cellMasses;
    shift = massesFromLogs(b);
    sumRows(b);
  }
  b.logTotal = shift + log64(b.total);
}

/**
 * Computes the factors of the masses: the mass of a cell is rowScales · secondWeights · weights, factors of at most 1,
 * times e^shift. Returns the shift.
 */
function factoredMasses(b: Buckets): f64 {
  const rows = (b.rowCount + 3) & ~3, columns = 1 << b.columnBits;
  for (let o: usize = 0, end = <usize>rows << 2; o < end; o += 16) {
    v128.store(b.rowScales + o, f32x4.add(v128.load(b.subScores1 + o), v128.load(b.rowLogWeights + o)));
  }
  const shift1 = maxOf(b.rowScales, rows), shift2 = maxOf(b.subScores2, columns);
  expInto(b.rowScales, rows, shift1, 1, b.rowScales);
  expInto(b.subScores2, columns, shift2, 1, b.secondWeights);
  return <f64>shift1 + <f64>shift2;
}

/**
 * Sets cellMasses to e^(s1 + s2 + log w - shift), or 0 without classes, and rowScales and secondWeights to 1. Returns
 * the shift, which is the largest log mass.
 */
function massesFromLogs(b: Buckets): f64 {
  const columnBytes = <usize>4 << b.columnBits;
  const none = f32x4.splat(-Infinity), one = f32x4.splat(1);
  let largest = none;
  for (let row = 0; row < b.rowCount; row++) {
    const first = v128.load32_splat(b.subScores1 + (<usize>row << 2)), from = <usize>row * columnBytes;
    for (let o: usize = 0; o < columnBytes; o += 16) {
      const sum = f32x4.add(first, v128.load(b.subScores2 + o));
      const logMass = f32x4.add(sum, v128.load(b.logWeights + from + o));
      v128.store(b.cellMasses + from + o, logMass);
      largest = f32x4.pmax(largest, logMass);
    }
    store<f32>(b.rowScales + (<usize>row << 2), 1);
  }
  for (let o: usize = 0; o < columnBytes; o += 16) v128.store(b.secondWeights + o, one);
  v128.store(b.lanePrefix, largest);
  const shift = maxOf(b.lanePrefix, 4);
  v128.store(b.lanePrefix, f32x4.splat(0));
  const shifts = f32x4.splat(shift);
  for (let p = b.cellMasses, end = p + <usize>b.rowCount * columnBytes; p < end; p += 16) {
    const logMass = v128.load(p);
    v128.store(p, v128.andnot(exp4(f32x4.sub(logMass, shifts)), f32x4.eq(logMass, none)));
  }
  return <f64>shift;
}

/** Computes laneSums, rowPrefix and total. */
function sumRows(b: Buckets): void {
  const rowBytes = <usize>4 << b.columnBits;
  let total: f64 = 0;
  for (let row: usize = 0; row < <usize>b.rowCount; row += 2) {
    const lanes = b.laneSums + row * LANE_BYTES;
    sumTwoRows(b.masses + row * rowBytes, rowBytes, b.secondWeights, lanes);
    total = addRow(b, row, lanes, total);
    total = addRow(b, row + 1, lanes + LANE_BYTES, total);
  }
  b.total = total;
}

// @ts-ignore: decorator
@inline
function addRow(b: Buckets, row: usize, lanes: usize, total: f64): f64 {
  store<f64>(b.rowPrefix + (row << 3), total);
  const low = f32x4.add(v128.load(lanes), v128.load(lanes, 16));
  const high = f32x4.add(v128.load(lanes, 32), v128.load(lanes, 48));
  return total + <f64>load<f32>(b.rowScales + (row << 2)) * <f64>sumLanes(f32x4.add(low, high));
}

/**
 * Computes the lane sums of a row and the next. Two rows at once load the second weights once: 5.1 µs for K = 256, 6.5
 * µs one by one.
 */
// @ts-ignore: decorator
@inline
function sumTwoRows(row: usize, rowBytes: usize, seconds: usize, lanes: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (const end = row + rowBytes; row < end; row += BLOCK_BYTES, seconds += BLOCK_BYTES) {
    const next = row + rowBytes;
    let s0 = v128.load(seconds), s1 = v128.load(seconds, 16), s2 = v128.load(seconds, 32), s3 = v128.load(seconds, 48);
    a0 = addTurns(a0, row, s0, s1, s2, s3);
    b0 = addTurns(b0, next, s0, s1, s2, s3);
    s0 = v128.load(seconds, 64), s1 = v128.load(seconds, 80), s2 = v128.load(seconds, 96), s3 = v128.load(seconds, 112);
    a1 = addTurns(a1, row + QUARTER_BYTES, s0, s1, s2, s3);
    b1 = addTurns(b1, next + QUARTER_BYTES, s0, s1, s2, s3);
    s0 = v128.load(seconds, 128), s1 = v128.load(seconds, 144), s2 = v128.load(seconds, 160), s3 = v128.load(seconds, 176);
    a2 = addTurns(a2, row + 2 * QUARTER_BYTES, s0, s1, s2, s3);
    b2 = addTurns(b2, next + 2 * QUARTER_BYTES, s0, s1, s2, s3);
    s0 = v128.load(seconds, 192), s1 = v128.load(seconds, 208), s2 = v128.load(seconds, 224), s3 = v128.load(seconds, 240);
    a3 = addTurns(a3, row + 3 * QUARTER_BYTES, s0, s1, s2, s3);
    b3 = addTurns(b3, next + 3 * QUARTER_BYTES, s0, s1, s2, s3);
  }
  v128.store(lanes, a0);
  v128.store(lanes, a1, 16);
  v128.store(lanes, a2, 32);
  v128.store(lanes, a3, 48);
  v128.store(lanes, b0, 64);
  v128.store(lanes, b1, 80);
  v128.store(lanes, b2, 96);
  v128.store(lanes, b3, 112);
}

/** Adds the products of the four vectors of a quarter and the second weights. */
// @ts-ignore: decorator
@inline
function addTurns(sum: v128, quarter: usize, s0: v128, s1: v128, s2: v128, s3: v128): v128 {
  sum = f32x4.add(sum, f32x4.mul(v128.load(quarter), s0));
  sum = f32x4.add(sum, f32x4.mul(v128.load(quarter, 16), s1));
  sum = f32x4.add(sum, f32x4.mul(v128.load(quarter, 32), s2));
  return f32x4.add(sum, f32x4.mul(v128.load(quarter, 48), s3));
}
