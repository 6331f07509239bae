import { FINE_CODEWORDS, FINE_DIMS, PANEL_LINE_BYTES } from "../../src/abi";

const BOOK_BYTES: usize = FINE_CODEWORDS * FINE_DIMS * 4;

/** Returns the squared distances of (x, y) from four codewords, which are stored value by value. */
// @ts-ignore: decorator
@inline
function distances(x: v128, y: v128, codewords: usize): v128 {
  const dx = f32x4.sub(x, v128.load(codewords)), dy = f32x4.sub(y, v128.load(codewords, FINE_CODEWORDS * 4));
  return f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
}

/**
 * Computes the fine codes of rows (docs/method.md, section 8): the nearest codeword of each of `fineCount`
 * sub-quantizers, ties to the lower, two codes in a byte, the first in the low half. O(16 · rowCount · fineCount).
 *
 * rows: f32 (rowCount, 2 fineCount). books: f32 (fineCount, 2, 16). codes: u8 (rowCount, fineCount / 2). fineCount must
 * be even.
 */
export function fineCodes(rows: usize, rowCount: i32, fineCount: i32, books: usize, codes: usize): void {
  for (let i = 0; i < rowCount; i++) {
    let book = books;
    for (let m = 0; m < fineCount; m += 2, book += 2 * BOOK_BYTES, rows += 16, codes++) {
      const low = nearest(rows, book), high = nearest(rows + 8, book + BOOK_BYTES);
      store<u8>(codes, low | (high << 4));
    }
  }
}

/** Returns the codeword of a sub-quantizer that is nearest to two values. */
function nearest(values: usize, book: usize): i32 {
  const x = v128.load32_splat(values), y = v128.load32_splat(values, 4);
  const d0 = distances(x, y, book), d1 = distances(x, y, book + 16);
  const d2 = distances(x, y, book + 32), d3 = distances(x, y, book + 48);
  return firstLeast(d0, d1, d2, d3);
}

/** Returns the number of the first of 16 values that are the least. */
// @ts-ignore: decorator
@inline
function firstLeast(v0: v128, v1: v128, v2: v128, v3: v128): i32 {
  let least = f32x4.min(f32x4.min(v0, v1), f32x4.min(v2, v3));
  least = f32x4.min(least, v128.shuffle<f32>(least, least, 2, 3, 0, 1));
  least = f32x4.min(least, v128.shuffle<f32>(least, least, 1, 0, 3, 2));
  return ctz(
    i32x4.bitmask(f32x4.eq(v0, least))
    | (i32x4.bitmask(f32x4.eq(v1, least)) << 4)
    | (i32x4.bitmask(f32x4.eq(v2, least)) << 8)
    | (i32x4.bitmask(f32x4.eq(v3, least)) << 12),
  );
}

/** The bytes of a panel of codewords of two values: a line for each, and one of half their squared norms. */
const PANEL_BYTES: usize = (FINE_DIMS + 1) * PANEL_LINE_BYTES;

/**
 * Does what assignRows does for rows of two values and 16 codewords, with its scores: a sub-quantizer of fine
 * codes is learned in many passes over short rows, for which tiles take longer to begin and to end than to score.
 *
 * rows: f32 (rowCount, 2). panels: f32 (2, 3, 8) from packPanels. codes: u16 (rowCount).
 */
export function assignPairs(rows: usize, panels: usize, rowCount: i32, codes: usize): void {
  for (let i = 0; i < rowCount; i++, rows += FINE_DIMS * 4, codes += 2) {
    const x = v128.load32_splat(rows), y = v128.load32_splat(rows, 4);
    const second = panels + PANEL_BYTES;
    store<u16>(codes, <u16>firstLeast(
      lowness(x, y, panels), lowness(x, y, panels + 16), lowness(x, y, second), lowness(x, y, second + 16),
    ));
  }
}

/** Returns half the squared norms less the products of four codewords of a panel with (x, y). */
// @ts-ignore: decorator
@inline
function lowness(x: v128, y: v128, codewords: usize): v128 {
  const products = f32x4.add(
    f32x4.mul(x, v128.load(codewords)),
    f32x4.mul(y, v128.load(codewords, PANEL_LINE_BYTES)),
  );
  return f32x4.sub(v128.load(codewords, 2 * PANEL_LINE_BYTES), products);
}
