import { BLOCK_SCORES, QUERY_BLOCK, ROWS_F16, ROWS_F32, ROWS_I8, WIDE_VALUES } from "../../src/abi";
import { halfBits, halfRescale, halvesToF32 } from "../dot";
import { sumLanes4 } from "../lanes";
import { Layout, Search } from "../layout";
import { QueryBlock } from "./query-block";

// A block of queries that read all rows together: a row comes from memory once for all of them, and an int8 or f16 row
// is made wider once. Every score, and every sum of exponentials, is that of a single query, bit for bit.

/** The bytes of one value of int8 queries: 16 bits of every query of the block. */
const PACKED_VALUE: usize = 2 * QUERY_BLOCK;
/** The bytes between two rows in QueryBlock.rows. */
const WIDE_ROW: usize = 4 * WIDE_VALUES;
/** The bytes between the scores of two queries. */
export const SCORE_BYTES: usize = 4 * BLOCK_SCORES;

/**
 * Copies the prepared query to place `slot` of the block. int8 rows meet its fixed point, and others meet its f32 values.
 * O(D).
 */
export function packQuery(block: usize, slot: i32): void {
  const b = changetype<QueryBlock>(block), l = changetype<Layout>(b.layout);
  if (l.rowType == ROWS_I8) {
    packFixed(b, l.fixedQuery, slot, 0, changetype<Search>(l.search).queryStep);
  } else {
    const bytes = wideBytes(l);
    memory.copy(b.queries + <usize>slot * bytes, l.query, bytes);
  }
}

/** Copies the remainder of the prepared query, for int8 rows, to place `slot` of the block (prepareRemainder). O(D). */
export function packRemainder(block: usize, slot: i32): void {
  const b = changetype<QueryBlock>(block), l = changetype<Layout>(b.layout);
  packFixed(b, l.remainder, slot, 1, changetype<Search>(l.search).remainderStep);
}

/**
 * Copies 16-bit values two at a time, those of the block's queries side by side: a pair of a row's values then meets four
 * queries in one instruction, and no lanes have to be summed. `part` is 1 for remainders.
 */
function packFixed(b: QueryBlock, values: usize, slot: i32, part: i32, step: f64): void {
  const l = changetype<Layout>(b.layout);
  const bytes = <usize>l.rowBytes;
  let to = b.queries + <usize>part * bytes * PACKED_VALUE + (<usize>slot << 2);
  for (let o: usize = 0; o < bytes; o += 2, to += 2 * PACKED_VALUE) store<u32>(to, load<u32>(values + (o << 1)));
  store<f32>(b.steps + (<usize>(part * QUERY_BLOCK + slot) << 2), <f32>step);
}

/** Returns the bytes of a row of f32 values, padding included. */
// @ts-ignore: decorator
@inline
function wideBytes(l: Layout): usize {
  return l.rowType == ROWS_F16 ? <usize>l.rowBytes << 1 : <usize>l.rowBytes;
}

/**
 * Writes the exact logits of the rows at `positions`, as scorePositions does, for the first `queries` queries of the block
 * to QueryBlock.scores. O(count queries D). At most 1,024 rows are read. `positions` needs room for `count` rounded up to 4,
 * and the surplus is overwritten.
 */
export function scoreBlock(block: usize, positions: usize, count: i32, queries: i32): void {
  const b = changetype<QueryBlock>(block), l = changetype<Layout>(b.layout);
  padPositions(positions, count);
  if (l.rowType == ROWS_I8) {
    for (let i = 0; i < count; i += 4) scoreFixed(b, positions + (<usize>i << 2), queries, 0, b.scores + (<usize>i << 2));
  } else {
    for (let i = 0; i < count; i += 4) scoreWide(b, positions + (<usize>i << 2), queries, b.scores + (<usize>i << 2));
  }
}

/** Adds the part of the remainders to the scores that scoreBlock has just written, as addRemainder does. O(count D). */
export function addBlockRemainders(block: usize, positions: usize, count: i32, queries: i32): void {
  const b = changetype<QueryBlock>(block), l = changetype<Layout>(b.layout);
  for (let i = 0; i < count; i += 4) scoreFixed(b, positions + (<usize>i << 2), queries, 1, b.scores + (<usize>i << 2));
}

/** Fills positions up to a multiple of four with the last one. */
function padPositions(positions: usize, count: i32): void {
  if (count == 0) return;
  const last = load<i32>(positions + (<usize>(count - 1) << 2));
  for (let i = count; i & 3; i++) store<i32>(positions + (<usize>i << 2), last);
}

/**
 * Scores four int8 rows for the first `queries` queries of the block, four queries at a time. `part` is 0 for their fixed
 * point, and 1 for their remainders, which are added to the scores.
 */
function scoreFixed(b: QueryBlock, positions: usize, queries: i32, part: i32, scores: usize): void {
  const l = changetype<Layout>(b.layout);
  widenBytes(b, positions);
  const scales = gatherFour(l.rowScales, positions);
  const hasBias = l.bias != 0;
  const bias = hasBias ? gatherFour(l.bias, positions) : f32x4.splat(0);
  const rows = b.rows, end = rows + (<usize>l.rowBytes << 1);
  let step = b.steps + (<usize>part * QUERY_BLOCK << 2);
  let four = b.queries + <usize>part * <usize>l.rowBytes * PACKED_VALUE;
  for (; queries > 0; queries -= 4, four += 16, step += 16, scores += 4 * SCORE_BYTES) {
    let a0 = i32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
    for (let pair = rows, query = four; pair < end; pair += 16, query += 8 * PACKED_VALUE) {
      const q0 = v128.load(query), q1 = v128.load(query, 2 * PACKED_VALUE);
      const q2 = v128.load(query, 4 * PACKED_VALUE), q3 = v128.load(query, 6 * PACKED_VALUE);
      a0 = addPairs(a0, q0, q1, q2, q3, pair);
      a1 = addPairs(a1, q0, q1, q2, q3, pair + WIDE_ROW);
      a2 = addPairs(a2, q0, q1, q2, q3, pair + 2 * WIDE_ROW);
      a3 = addPairs(a3, q0, q1, q2, q3, pair + 3 * WIDE_ROW);
    }
    // A vector for each row becomes a vector for each query.
    const low01 = v128.shuffle<i32>(a0, a1, 0, 4, 1, 5), low23 = v128.shuffle<i32>(a2, a3, 0, 4, 1, 5);
    const high01 = v128.shuffle<i32>(a0, a1, 2, 6, 3, 7), high23 = v128.shuffle<i32>(a2, a3, 2, 6, 3, 7);
    const s0 = scaled(v128.shuffle<i64>(low01, low23, 0, 2), scales, step);
    const s1 = scaled(v128.shuffle<i64>(low01, low23, 1, 3), scales, step + 4);
    const s2 = scaled(v128.shuffle<i64>(high01, high23, 0, 2), scales, step + 8);
    const s3 = scaled(v128.shuffle<i64>(high01, high23, 1, 3), scales, step + 12);
    storeScores(s0, bias, hasBias, part, scores);
    storeScores(s1, bias, hasBias, part, scores + SCORE_BYTES);
    storeScores(s2, bias, hasBias, part, scores + 2 * SCORE_BYTES);
    storeScores(s3, bias, hasBias, part, scores + 3 * SCORE_BYTES);
  }
}

/** Returns the scores of four rows without their biases, from their integer products with a query. */
// @ts-ignore: decorator
@inline
function scaled(dots: v128, scales: v128, step: usize): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(dots), f32x4.mul(scales, v128.load32_splat(step)));
}

/** Stores the scores of four rows with their biases or, with `part` 1, adds them to those that are there. */
// @ts-ignore: decorator
@inline
function storeScores(values: v128, bias: v128, hasBias: bool, part: i32, scores: usize): void {
  if (part) v128.store(scores, f32x4.add(v128.load(scores), values));
  else v128.store(scores, hasBias ? f32x4.add(values, bias) : values);
}

/** Returns sums + the products of eight values of a row, in pairs, with those of four queries. */
// @ts-ignore: decorator
@inline
function addPairs(sums: v128, q0: v128, q1: v128, q2: v128, q3: v128, pair: usize): v128 {
  sums = i32x4.add(sums, i32x4.dot_i16x8_s(q0, v128.load32_splat(pair)));
  sums = i32x4.add(sums, i32x4.dot_i16x8_s(q1, v128.load32_splat(pair, 4)));
  sums = i32x4.add(sums, i32x4.dot_i16x8_s(q2, v128.load32_splat(pair, 8)));
  return i32x4.add(sums, i32x4.dot_i16x8_s(q3, v128.load32_splat(pair, 12)));
}

/** Widens four int8 rows to 16 bits into QueryBlock.rows. */
function widenBytes(b: QueryBlock, positions: usize): void {
  const l = changetype<Layout>(b.layout);
  const bytes = <usize>l.rowBytes, rows = l.rows;
  const row0 = rows + <usize>load<u32>(positions) * bytes, row1 = rows + <usize>load<u32>(positions, 4) * bytes;
  const row2 = rows + <usize>load<u32>(positions, 8) * bytes, row3 = rows + <usize>load<u32>(positions, 12) * bytes;
  let to = b.rows;
  for (let o: usize = 0; o < bytes; o += 8, to += 16) {
    v128.store(to, v128.load8x8_s(row0 + o));
    v128.store(to, v128.load8x8_s(row1 + o), WIDE_ROW);
    v128.store(to, v128.load8x8_s(row2 + o), 2 * WIDE_ROW);
    v128.store(to, v128.load8x8_s(row3 + o), 3 * WIDE_ROW);
  }
}

/** Loads four f32 values at the positions. */
// @ts-ignore: decorator
@inline
function gatherFour(values: usize, positions: usize): v128 {
  let v = v128.load32_zero(values + (<usize>load<u32>(positions) << 2));
  v = v128.load32_lane(values + (<usize>load<u32>(positions, 4) << 2), v, 1);
  v = v128.load32_lane(values + (<usize>load<u32>(positions, 8) << 2), v, 2);
  return v128.load32_lane(values + (<usize>load<u32>(positions, 12) << 2), v, 3);
}

/** Scores four f32 or f16 rows for the first `queries` queries of the block, two queries at a time. */
function scoreWide(b: QueryBlock, positions: usize, queries: i32, scores: usize): void {
  const l = changetype<Layout>(b.layout);
  const bytes = wideBytes(l);
  let row0: usize, row1: usize, row2: usize, row3: usize;
  if (l.rowType == ROWS_F32) {
    row0 = l.rows + <usize>load<u32>(positions) * bytes;
    row1 = l.rows + <usize>load<u32>(positions, 4) * bytes;
    row2 = l.rows + <usize>load<u32>(positions, 8) * bytes;
    row3 = l.rows + <usize>load<u32>(positions, 12) * bytes;
  } else {
    row0 = b.rows, row1 = row0 + WIDE_ROW, row2 = row1 + WIDE_ROW, row3 = row2 + WIDE_ROW;
    for (let i: usize = 0; i < 4; i++) widenHalves(l, load<u32>(positions + (i << 2)), row0 + i * WIDE_ROW);
  }
  const bias = l.bias ? gatherFour(l.bias, positions) : f32x4.splat(0);
  let query = b.queries;
  for (let q = 0; q < queries; q += 2, query += 2 * bytes, scores += 2 * SCORE_BYTES) {
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (let o: usize = 0; o < bytes; o += 16) {
      const qa = v128.load(query + o), qb = v128.load(query + bytes + o);
      const r0 = v128.load(row0 + o), r1 = v128.load(row1 + o), r2 = v128.load(row2 + o), r3 = v128.load(row3 + o);
      a0 = f32x4.add(a0, f32x4.mul(qa, r0));
      b0 = f32x4.add(b0, f32x4.mul(qb, r0));
      a1 = f32x4.add(a1, f32x4.mul(qa, r1));
      b1 = f32x4.add(b1, f32x4.mul(qb, r1));
      a2 = f32x4.add(a2, f32x4.mul(qa, r2));
      b2 = f32x4.add(b2, f32x4.mul(qb, r2));
      a3 = f32x4.add(a3, f32x4.mul(qa, r3));
      b3 = f32x4.add(b3, f32x4.mul(qb, r3));
    }
    const first = sumLanes4(a0, a1, a2, a3), second = sumLanes4(b0, b1, b2, b3);
    v128.store(scores, l.bias ? f32x4.add(first, bias) : first);
    v128.store(scores + SCORE_BYTES, l.bias ? f32x4.add(second, bias) : second);
  }
}

/** Widens an f16 row to f32. */
function widenHalves(l: Layout, position: u32, to: usize): void {
  const bits = halfBits(), rescale = halfRescale();
  let row = l.rows + <usize>position * <usize>l.rowBytes;
  for (const end = row + <usize>l.rowBytes; row < end; row += 8, to += 16) {
    v128.store(to, halvesToF32(row, bits, rescale));
  }
}
