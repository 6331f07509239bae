import { FINE_CODEWORDS, FINE_DIMS } from "../../src/abi";

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
  let least = f32x4.min(f32x4.min(d0, d1), f32x4.min(d2, d3));
  least = f32x4.min(least, v128.shuffle<f32>(least, least, 2, 3, 0, 1));
  least = f32x4.min(least, v128.shuffle<f32>(least, least, 1, 0, 3, 2));
  return ctz(
    i32x4.bitmask(f32x4.eq(d0, least))
    | (i32x4.bitmask(f32x4.eq(d1, least)) << 4)
    | (i32x4.bitmask(f32x4.eq(d2, least)) << 8)
    | (i32x4.bitmask(f32x4.eq(d3, least)) << 12),
  );
}
