import { ROWS_F16, ROWS_F32 } from "../src/abi";
import { dot4F16, dot4F32, dot4I8 } from "./dot";
import { Layout, Search } from "./layout";

/** Loads four f32 values at scattered indices. */
// @ts-ignore: decorator
@inline
function gather4(values: usize, i0: usize, i1: usize, i2: usize, i3: usize): v128 {
  let v = v128.load32_zero(values + (i0 << 2));
  v = v128.load32_lane(values + (i1 << 2), v, 1);
  v = v128.load32_lane(values + (i2 << 2), v, 2);
  return v128.load32_lane(values + (i3 << 2), v, 3);
}

/**
 * Writes the exact logit of the row at positions[i], bias included, to out[i]. O(count D).
 *
 * f32 and f16 rows are scored in f32. int8 rows are scored as f32(z~ · r) · (scale · queryStep) + bias. This is the
 * only code that computes scores, so the score of a row has the same bits wherever it appears.
 *
 * The query must be prepared (prepareQuery). `positions` is i32 and `out` is f32. Both need room for `count` rounded up
 * to 4, and the surplus is overwritten with values without meaning.
 */
export function scorePositions(layout: usize, positions: usize, count: i32, out: usize): void {
  const l = changetype<Layout>(layout);
  if (count == 0) return;
  const last = load<i32>(positions + (<usize>(count - 1) << 2));
  for (let i = count; i & 3; i++) store<i32>(positions + (<usize>i << 2), last);
  const rows = l.rows, stride = <usize>l.rowBytes, scales = l.rowScales, bias = l.bias, rowType = l.rowType;
  const query = l.query, fixedQuery = l.fixedQuery;
  const step = f32x4.splat(<f32>changetype<Search>(l.search).queryStep);
  for (let end = positions + (<usize>count << 2); positions < end; positions += 16, out += 16) {
    const p0 = <usize>load<u32>(positions), p1 = <usize>load<u32>(positions, 4);
    const p2 = <usize>load<u32>(positions, 8), p3 = <usize>load<u32>(positions, 12);
    const row0 = rows + p0 * stride, row1 = rows + p1 * stride, row2 = rows + p2 * stride, row3 = rows + p3 * stride;
    let score: v128;
    if (rowType == ROWS_F32) {
      score = dot4F32(query, row0, row1, row2, row3, stride);
    } else if (rowType == ROWS_F16) {
      score = dot4F16(query, row0, row1, row2, row3, stride);
    } else {
      const dots = f32x4.convert_i32x4_s(dot4I8(fixedQuery, row0, row1, row2, row3, stride));
      score = f32x4.mul(dots, f32x4.mul(gather4(scales, p0, p1, p2, p3), step));
    }
    if (bias) score = f32x4.add(score, gather4(bias, p0, p1, p2, p3));
    v128.store(out, score);
  }
}

const CACHE_LINE: usize = 64;
/** The number of rows that are touched before the first of them is scored. */
const TOUCHED = 32;

/** Like scorePositions, for rows that do not follow one another, whose cache misses overlap. */
export function scoreScattered(layout: usize, positions: usize, count: i32, out: usize): void {
  for (let left = count; left > 0; left -= TOUCHED, positions += TOUCHED << 2, out += TOUCHED << 2) {
    const few = min(left, TOUCHED);
    touchRows(changetype<Layout>(layout), positions, few);
    scorePositions(layout, positions, few, out);
  }
}

/**
 * Reads from each cache line of `count` rows, of their scales and of their biases. A processor looks some hundred instructions
 * ahead: few rows when it scores them, but many when it touches them.
 */
function touchRows(l: Layout, positions: usize, count: i32): void {
  const rows = l.rows, stride = <usize>l.rowBytes, scales = l.rowScales, bias = l.bias;
  for (let end = positions + (<usize>count << 2); positions < end; positions += 4) {
    const position = <usize>load<u32>(positions), row = rows + position * stride;
    for (let o: usize = 0; o < stride; o += CACHE_LINE) load<u8>(row + o);
    load<u8>(row + stride - 1);
    if (scales) load<u8>(scales + (position << 2));
    if (bias) load<u8>(bias + (position << 2));
  }
}

/**
 * Replaces ids[i] by the position of the class and writes its exact logit to out[i]. The conditions are those of
 * positionsOf and scorePositions.
 */
export function scoreIds(layout: usize, ids: usize, count: i32, out: usize): void {
  positionsOf(layout, ids, count);
  scorePositions(layout, ids, count, out);
}

/** Replaces ids[i], i32 (count), by the position of the class in bucket order. Every id must be in [0, N). */
export function positionsOf(layout: usize, ids: usize, count: i32): void {
  const positions = changetype<Layout>(layout).positions;
  for (let end = ids + (<usize>count << 2); ids < end; ids += 4) {
    store<i32>(ids, load<i32>(positions + (<usize>load<u32>(ids) << 2)));
  }
}
