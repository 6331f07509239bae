import { eachTile } from "./tiles";

/**
 * The output of assignRows, and its state for the four rows of a tile: the largest score so far in each lane, and its
 * codeword.
 */
@unmanaged
export class Nearest {
  codes: usize; // u16 (rowCount)
  scores0: v128; // f32
  codewords0: v128; // i32
  scores1: v128;
  codewords1: v128;
  scores2: v128;
  codewords2: v128;
  scores3: v128;
  codewords3: v128;
}

const ROWS: usize = offsetof<Nearest>("scores0");
const ROW_BYTES: usize = 32;

@unmanaged
class NearestSink extends Nearest {
  // @ts-ignore: decorator
  @inline
  begin(_i: i32): void {
    for (let at = changetype<usize>(this) + ROWS, end = at + 4 * ROW_BYTES; at < end; at += ROW_BYTES) {
      v128.store(at, f32x4.splat(-Infinity));
      v128.store(at, i32x4.splat(0), 16);
    }
  }

  /** Within a lane codewords ascend, so a strict comparison keeps the lower of two equal ones. */
  // @ts-ignore: decorator
  @inline
  take(j: i32, k: i32, halfNorms: usize, low: v128, high: v128): void {
    const at = changetype<usize>(this) + ROWS + <usize>j * ROW_BYTES;
    const lowCodes = i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(k)), highCodes = i32x4.add(i32x4(4, 5, 6, 7), i32x4.splat(k));
    const lowScores = f32x4.sub(low, v128.load(halfNorms)), highScores = f32x4.sub(high, v128.load(halfNorms, 16));
    const before = v128.load(at);
    const best = f32x4.pmax(before, lowScores);
    const code = v128.bitselect(lowCodes, v128.load(at, 16), f32x4.gt(lowScores, before));
    v128.store(at, f32x4.pmax(best, highScores));
    v128.store(at, v128.bitselect(highCodes, code, f32x4.gt(highScores, best)), 16);
  }

  // @ts-ignore: decorator
  @inline
  end(i: i32, rowCount: i32): void {
    let at = changetype<usize>(this) + ROWS;
    for (let row = i, end = min(i + 4, rowCount); row < end; row++, at += ROW_BYTES) {
      store<u16>(this.codes + (<usize>row << 1), <u16>winner(v128.load(at), v128.load(at, 16)));
    }
  }
}

/** Returns the codeword whose lane holds the largest score. Ties go to the lower codeword. */
// @ts-ignore: decorator
@inline
function winner(scores: v128, codewords: v128): i32 {
  const largest = max(
    max(f32x4.extract_lane(scores, 0), f32x4.extract_lane(scores, 1)),
    max(f32x4.extract_lane(scores, 2), f32x4.extract_lane(scores, 3)),
  );
  const tied = v128.bitselect(codewords, i32x4.splat(i32.MAX_VALUE), f32x4.eq(scores, f32x4.splat(largest)));
  return min(
    min(i32x4.extract_lane(tied, 0), i32x4.extract_lane(tied, 1)),
    min(i32x4.extract_lane(tied, 2), i32x4.extract_lane(tied, 3)),
  );
}

/**
 * Sets codes[i] to argmax_k rows[i]·c[k] − ½‖c[k]‖², the nearest codeword. Ties go to the lower k. ½‖c‖² is subtracted
 * last. O(rowCount · codewordCount · dim).
 *
 * rows: f32 (rowCount, dim), rowCount ≥ 1. panels: f32 (⌈codewordCount/8⌉, dim + 1, 8) from packPanels, codewordCount ≥
 * 1. nearest: a Nearest whose `codes` the caller sets.
 */
export function assignRows(
  rows: usize, panels: usize, rowCount: i32, codewordCount: i32, dim: i32, nearest: usize,
): void {
  eachTile(rows, rowCount, panels, codewordCount, dim, changetype<NearestSink>(nearest));
}
