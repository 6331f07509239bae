import { CODE_BLOCK } from "../../src/abi";
import { Layout, Search } from "../layout";
import { keepBest, keyOf, offer, scoreOf, within } from "./reservoir";

// Fine codes stand in blocks of 32 rows. The first row of a block has a position that is a multiple of 32.
//
//   block: │ sub-quantizer 0: 16 bytes │ sub-quantizer 1: 16 bytes │ … fineCount in all │
//   bytes: │ 0 │ 8 │ 1 │ 9 │ … │ 7 │ 15 │  16 rows in the low halves, 16 more in the high halves
//
// One swizzle looks up 16 entries of a table of 16 bytes. Entries of two tables are added as bytes. Read as lanes of 16
// bits, these sums are those of the even rows plus 256 times those of the odd rows, whose own sum is kept beside it
// (André et al. 2017, and faiss after them, add like this).

/** The largest sum that 16 bits hold. */
const LARGEST_SUM: f64 = 65535;
/** The rounding of f32 sums of a few terms, each as large as the largest, relative to a sum of entries. */
const ROUNDING: f64 = 1e-5;
/** The rounding of f32 sums of offset, entries and bias, relative to offset, bias and score. */
const ADDED: f64 = 2.384185791015625e-7; // 2^-22

/** The mask is loaded, because V8 materialises a constant again in every turn. */
const LOW_HALVES = memory.data<u32>([0x0f0f0f0f]);

/** Looks up 16 entries. Indices are below 16, where both instructions agree. */
// @ts-ignore: decorator
@inline
function lookUp(table: v128, indices: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(table, indices);
  return i8x16.swizzle(table, indices);
}

/**
 * Writes the sum of the table entries of each row of a block to `sums`, u16 (32), in the order of the rows. Returns the
 * largest sum of every fourth pair of rows in each lane, for a quick test. O(fineCount).
 *
 * `codes` are those of the block and `tables` those of the query, `bytes` = 16 fineCount each, a multiple of 32.
 */
export function sumBlock(codes: usize, tables: usize, bytes: usize, sums: usize): v128 {
  const low = v128.load32_splat(LOW_HALVES);
  let sumA = i16x8.splat(0), oddA = sumA, sumB = sumA, oddB = sumA;
  for (let o: usize = 0; o < bytes; o += 32) {
    const codes0 = v128.load(codes + o), codes1 = v128.load(codes + o, 16);
    const table0 = v128.load(tables + o), table1 = v128.load(tables + o, 16);
    const a = i8x16.add(lookUp(table0, v128.and(codes0, low)), lookUp(table1, v128.and(codes1, low)));
    const b = i8x16.add(
      lookUp(table0, v128.and(i16x8.shr_u(codes0, 4), low)),
      lookUp(table1, v128.and(i16x8.shr_u(codes1, 4), low)),
    );
    sumA = i16x8.add(sumA, a);
    oddA = i16x8.add(oddA, i16x8.shr_u(a, 8));
    sumB = i16x8.add(sumB, b);
    oddB = i16x8.add(oddB, i16x8.shr_u(b, 8));
  }
  const evenA = i16x8.sub(sumA, i16x8.shl(oddA, 8)), evenB = i16x8.sub(sumB, i16x8.shl(oddB, 8));
  v128.store(sums, evenA);
  v128.store(sums, oddA, 16);
  v128.store(sums, evenB, 32);
  v128.store(sums, oddB, 48);
  return i16x8.max_u(i16x8.max_u(evenA, oddA), i16x8.max_u(evenB, oddB));
}

/** Returns the approximate scores of four rows whose sums, u16, are at `sums`. `position` is that of the first row. */
// @ts-ignore: decorator
@inline
function approximate(l: Layout, sums: usize, position: i32, offset: f32): v128 {
  const step = f32x4.splat(<f32>changetype<Search>(l.search).fineStep);
  const scores = f32x4.add(f32x4.splat(offset), f32x4.mul(step, f32x4.convert_i32x4_u(v128.load16x4_u(sums))));
  return l.bias ? f32x4.add(scores, v128.load(l.bias + (<usize>position << 2))) : scores;
}

/** Returns the first position of a group. For group K it is N. */
// @ts-ignore: decorator
@inline
export function groupStart(l: Layout, group: i32): i32 {
  return load<i32>(l.groupStarts + (<usize>group << 2));
}

/**
 * Computes the approximate scores of a group's rows and offers them to the reservoir of `count` candidates. Returns its
 * new size (docs/method.md, section 8). O(n fineCount / 32) vector operations for n rows.
 *
 * A score is offset + fineStep · (sum of table entries) + bias. The offset is the product of the first codeword and the
 * query, in products1, plus fineBase. Rows whose key is above the threshold, s.reservoirFloor, enter the reservoir. At
 * twice `keep` candidates the reservoir is cut to `keep` and the threshold rises.
 *
 * If `out` is not 0, it is f32 (N + CODE_BLOCK), and the scores of all rows of the group are written to it by position,
 * -Infinity for an excluded class. If `skipped` is not 0, it has a bit for each position, like `excluded`, and rows whose bit is
 * set do not enter the reservoir. The tables must be those of the query (fineTables), and the group must have a row.
 */
export function scanCodes(layout: usize, group: i32, count: i32, keep: i32, out: usize, skipped: usize): i32 {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const first = groupStart(l, group), end = groupStart(l, group + 1);
  const offset = <f32>(<f64>load<f32>(l.products1 + (<usize>group << 2)) + s.fineBase);
  const top = load<f32>(l.groupTops + (<usize>group << 2));
  const tables = l.fineTables, bytes = <usize>l.fineCount << 4, sums = l.fineSums;
  const most = 2 * keep;
  let least = leastSum(s, offset, top);
  for (let block = first / CODE_BLOCK, last = (end - 1) / CODE_BLOCK; block <= last; block++) {
    const open = openRows(l, block, first, end, skipped);
    if (open == 0 && out == 0) continue;
    const largestSums = sumBlock(l.fineCodes + <usize>block * bytes, tables, bytes, sums);
    if (out) storeBlock(l, block, first, end, offset, out);
    const leastSums = i16x8.splat(<i16>least);
    if (!v128.any_true(i16x8.ge_u(largestSums, leastSums))) continue;
    let rows = open & reaching(sums, leastSums);
    if (rows == 0) continue;
    if (l.bias) rows &= aboveFloor(l, sums, block, offset);
    while (rows) {
      const row = ctz(rows) & ~3, position = block * CODE_BLOCK + row;
      const scores = approximate(l, sums + (<usize>row << 1), position, offset);
      count = offer(l, position, keyOf(scores), (rows >> row) & 15, count);
      rows &= ~15 << row;
    }
    if (count >= most) {
      s.reservoirFloor = <f64>keepBest(layout, count, keep);
      count = keep;
      least = leastSum(s, offset, top);
    }
  }
  return count;
}

/** Returns a bit for each of the 32 rows of a block that is in [first, end), is not excluded and has no bit in `skipped`. */
// @ts-ignore: decorator
@inline
export function openRows(l: Layout, block: i32, first: i32, end: i32, skipped: usize): u32 {
  const start = block * CODE_BLOCK;
  let rows: u32 = ~0;
  if (start < first) rows <<= first - start;
  if (end < start + CODE_BLOCK) rows &= <u32>~0 >> (start + CODE_BLOCK - end);
  if (l.excluded) rows &= ~load<u32>(l.excluded + (<usize>block << 2));
  if (skipped) rows &= ~load<u32>(skipped + (<usize>block << 2));
  return rows;
}

/** Returns a bit for each of the 32 rows of a block whose sum, u16 at `sums`, reaches `least`. */
// @ts-ignore: decorator
@inline
function reaching(sums: usize, least: v128): u32 {
  const first = i16x8.ge_u(v128.load(sums), least), second = i16x8.ge_u(v128.load(sums, 16), least);
  const third = i16x8.ge_u(v128.load(sums, 32), least), fourth = i16x8.ge_u(v128.load(sums, 48), least);
  return <u32>i8x16.bitmask(i8x16.narrow_i16x8_s(first, second))
    | (<u32>i8x16.bitmask(i8x16.narrow_i16x8_s(third, fourth)) << 16);
}

/**
 * Returns a bit for each of the 32 rows of a block whose score is above the floor of the reservoir. The sums, u16 at `sums`, do
 * not tell where biases differ: in a group with one large bias they let every row pass.
 */
// @ts-ignore: decorator
@inline
function aboveFloor(l: Layout, sums: usize, block: i32, offset: f32): u32 {
  const floor = i32x4.splat(<i32>changetype<Search>(l.search).reservoirFloor);
  let rows: u32 = 0;
  for (let row = 0; row < CODE_BLOCK; row += 4) {
    const keys = keyOf(approximate(l, sums + (<usize>row << 1), block * CODE_BLOCK + row, offset));
    rows |= <u32>i32x4.bitmask(i32x4.gt_s(keys, floor)) << row;
  }
  return rows;
}

/** Stores the scores of a block's rows. Groups that share a block leave each other's rows as they are. */
function storeBlock(l: Layout, block: i32, first: i32, end: i32, offset: f32, out: usize): void {
  const start = block * CODE_BLOCK;
  const isWhole = first <= start && start + CODE_BLOCK <= end;
  for (let position = start, sums = l.fineSums; position < start + CODE_BLOCK; position += 4, sums += 8) {
    const at = out + (<usize>position << 2);
    let scores = approximate(l, sums, position, offset);
    if (l.excluded) {
      const bits = i32x4.splat(<i32>load<u8>(l.excluded + (<usize>position >> 3)) >> (position & 4));
      const excluded = i32x4.ne(v128.and(bits, i32x4(1, 2, 4, 8)), i32x4.splat(0));
      scores = v128.bitselect(f32x4.splat(-Infinity), scores, excluded);
    }
    if (!isWhole) scores = v128.bitselect(scores, v128.load(at), within(position, first, end));
    v128.store(at, scores);
  }
}

/**
 * Returns the smallest sum of entries that can lift a row of a bias of at most `top` above the threshold, less the most that
 * rounding may have taken from it.
 */
function leastSum(s: Search, offset: f32, top: f32): i32 {
  if (s.reservoirFloor == <f64>i32.MIN_VALUE || s.fineStep == 0) return 0;
  const score = <f64>scoreOf(<i32>s.reservoirFloor);
  const error = (abs(score) + <f64>abs(offset) + <f64>abs(top)) * ADDED;
  const sum = (score - <f64>offset - <f64>top - error) / s.fineStep;
  return <i32>max<f64>(0, min<f64>(LARGEST_SUM, floor(sum * (1 - ROUNDING)) - 1));
}
