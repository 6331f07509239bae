import { fixedScale } from "../fixed-point";
import { sumLanesI32 } from "../lanes";
import { Layout, Search } from "../layout";
import { scoreSlack } from "./bounds";
import { changeScores, log64, maxOf, scorePositions, sumExp } from "./query";

// The fixed point of a query keeps 16 bits of each value, and lacks up to half a step. This remainder in 16 bits of its
// own, with a step of its own, brings scores of int8 rows as close to those of the query as f32 can hold.

/**
 * Sets remainder and remainderStep, and returns the scoreSlack of scores with their remainder (addRemainder). O(D).
 *
 * Rows must be int8, as for all kernels of this file: other row types see the whole query. The query and its bounds must be
 * prepared (prepareQuery, prepareBounds).
 */
export function prepareRemainder(layout: usize): f64 {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const dim = <usize>l.dim;
  let largest: f64 = 0, sum: f64 = 0;
  for (let i: usize = 0; i < dim; i++) {
    const magnitude = abs(missing(l, i));
    largest = max(largest, magnitude);
    sum += magnitude;
  }
  const scale = fixedScale(largest, sum, l.dim);
  const step: f64 = scale > 0 ? 1 / scale : 0;
  let lost: f64 = 0;
  for (let i: usize = 0; i < dim; i++) {
    const value = missing(l, i);
    const fixed = nearest(value * scale);
    store<i16>(l.remainder + (i << 1), <i16>fixed);
    const rest = value - fixed * step;
    lost += rest * rest;
  }
  s.remainderStep = step;
  return scoreSlack(l, sqrt(lost));
}

/** Returns what the fixed point lacks of a value of the query. */
// @ts-ignore: decorator
@inline
function missing(l: Layout, i: usize): f64 {
  const fixed = <f64>load<i16>(l.fixedQuery + (i << 1));
  return <f64>load<f32>(l.query + (i << 2)) - fixed * changetype<Search>(l.search).queryStep;
}

/**
 * Adds the part of the remainder to `count` scores, which scorePositions has just written to `scores` for `positions`:
 * f32(remainder · r) · (scale · remainderStep). O(count D).
 */
export function addRemainder(layout: usize, positions: usize, count: i32, scores: usize): void {
  const l = changetype<Layout>(layout);
  const step = <f32>changetype<Search>(l.search).remainderStep, stride = <usize>l.rowBytes;
  for (let end = scores + (<usize>count << 2); scores < end; positions += 4, scores += 4) {
    const position = <usize>load<u32>(positions);
    let row = l.rows + position * stride, remainder = l.remainder;
    let sum = i32x4.splat(0);
    for (const last = row + stride; row < last; row += 8, remainder += 16) {
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(remainder), v128.load8x8_s(row)));
    }
    store<f32>(scores, load<f32>(scores) + <f32>sumLanesI32(sum) * (load<f32>(l.rowScales + (position << 2)) * step));
  }
}

/**
 * Adds the remainder to the scores of the head that the last search left, and returns the logarithm of the mass of the classes
 * of logHead. Classes that came from fine codes, whose scores are lost, are not among them. O(head D).
 */
export function headWithRemainder(layout: usize): f64 {
  const l = changetype<Layout>(layout);
  const count = <i32>changetype<Search>(l.search).listedCount;
  if (count == 0) return -Infinity;
  addRemainder(layout, l.headPositions, count, l.headScores);
  for (let i = count; i & 3; i++) store<f32>(l.headScores + (<usize>i << 2), -Infinity);
  return logMassOf(l, count);
}

/**
 * Returns the logarithm of the mass of the changed classes with their remainder. It overwrites headScores. O(changedCount
 * D). There must be at least one.
 */
export function changedWithRemainder(layout: usize): f64 {
  const l = changetype<Layout>(layout), count = l.changedCount;
  scorePositions(layout, l.changedPositions, count, l.headScores);
  addRemainder(layout, l.changedPositions, count, l.headScores);
  changeScores(layout, l.headScores);
  return logMassOf(l, count);
}

/** Returns the logarithm of the mass of `count` scores in headScores, which -Infinity follows up to a multiple of four. */
function logMassOf(l: Layout, count: i32): f64 {
  const top = maxOf(l.headScores, count), inverse = l.inverseTemperature;
  return <f64>top * <f64>inverse + log64(sumExp(l.headScores, count, top, inverse));
}
