import { exp4, exp64 } from "../../exp";
import { Lists, Logits, Tables } from "./structs";

// The softmax over the classes for several queries at a time. A query is a column, and a register holds four of them.

/** The number of rows whose terms are added in f32 before the sum is added to an f64. */
const RUN: usize = 256;

/**
 * Adds rows to log-sum-exps that are kept as maxima and sums: for column q it is maxima[q] + log sums[q]. They start as −∞ and
 * 0. O(rowCount · width).
 *
 * logits: f32 (rowCount, width), width a multiple of 4. maxima: f32 (width). sums: f64 (width).
 */
export function addPartitions(logits: usize, rowCount: i32, width: i32, maxima: usize, sums: usize): void {
  const rowBytes = <usize>width << 2;
  const end = logits + <usize>rowCount * rowBytes;
  for (let column: usize = 0; column < rowBytes; column += 16, sums += 32) {
    const before = v128.load(maxima + column);
    let top = before;
    for (let at = logits + column; at < end; at += rowBytes) top = f32x4.pmax(top, v128.load(at));
    v128.store(maxima + column, top);
    scaleSum(sums, f32x4.extract_lane(before, 0), f32x4.extract_lane(top, 0));
    scaleSum(sums + 8, f32x4.extract_lane(before, 1), f32x4.extract_lane(top, 1));
    scaleSum(sums + 16, f32x4.extract_lane(before, 2), f32x4.extract_lane(top, 2));
    scaleSum(sums + 24, f32x4.extract_lane(before, 3), f32x4.extract_lane(top, 3));
    let at = logits + column;
    while (at < end) {
      const stop = min(end, at + RUN * rowBytes);
      let sum = f32x4.splat(0);
      for (; at < stop; at += rowBytes) sum = f32x4.add(sum, exp4(f32x4.sub(v128.load(at), top)));
      const low = f64x2.promote_low_f32x4(sum);
      const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(sum, sum, 2, 3, 2, 3));
      v128.store(sums, f64x2.add(v128.load(sums), low));
      v128.store(sums, f64x2.add(v128.load(sums, 16), high), 16);
    }
  }
}

// @ts-ignore: decorator
@inline
function scaleSum(sum: usize, before: f32, now: f32): void {
  if (now > before) store<f64>(sum, load<f64>(sum) * exp64(<f64>before - <f64>now));
}

/**
 * Adds P_i of every query to the masses of both codewords of class i, for the classes of a block. P_i = e^(logit −
 * logPartition), but at least e^-87. O(block · width).
 *
 * logits: Logits. lists: Lists. logPartitions: f32 (width). masses: Tables of f32.
 */
export function addCodewordMasses(logits: usize, lists: usize, logPartitions: usize, masses: usize): void {
  const block = changetype<Logits>(logits), l = changetype<Lists>(lists), tables = changetype<Tables>(masses);
  const rowBytes = <usize>block.width << 2, masses1 = tables.first, masses2 = tables.second;
  let codes1 = l.codes1 + (<usize>block.first << 1), codes2 = l.codes2 + (<usize>block.first << 1), row = block.values;
  for (let i = 0, count = block.count; i < count; i++, codes1 += 2, codes2 += 2, row += rowBytes) {
    const first = masses1 + <usize>load<u16>(codes1) * rowBytes;
    const second = masses2 + <usize>load<u16>(codes2) * rowBytes;
    for (let column: usize = 0; column < rowBytes; column += 16) {
      const p = exp4(f32x4.sub(v128.load(row + column), v128.load(logPartitions + column)));
      v128.store(first + column, f32x4.add(v128.load(first + column), p));
      v128.store(second + column, f32x4.add(v128.load(second + column), p));
    }
  }
}

/**
 * Adds Σ_q P_i of the queries q to masses[i]. A logPartition of +∞ leaves a query out: it then adds e^-87 to each
 * class. O(rowCount · width).
 *
 * logits: f32 (rowCount, width), width a multiple of 4. logPartitions: f32 (width). masses: f64 (rowCount).
 */
export function addClassMasses(logits: usize, rowCount: i32, width: i32, logPartitions: usize, masses: usize): void {
  const rowBytes = <usize>width << 2;
  for (let i = 0; i < rowCount; i++, logits += rowBytes, masses += 8) {
    let sum = f32x4.splat(0);
    for (let column: usize = 0; column < rowBytes; column += 16) {
      sum = f32x4.add(sum, exp4(f32x4.sub(v128.load(logits + column), v128.load(logPartitions + column))));
    }
    const pair = f64x2.add(
      f64x2.promote_low_f32x4(sum),
      f64x2.promote_low_f32x4(v128.shuffle<f32>(sum, sum, 2, 3, 2, 3)),
    );
    store<f64>(masses, load<f64>(masses) + (f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1)));
  }
}
