import { PANEL_LINE_BYTES, PANEL_WIDTH } from "../../src/abi";

/** The codeword whose lane holds the largest score; ties go to the lower codeword. */
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
 * codes[i] = argmax_k rows[i]·c[k] − ½‖c[k]‖², the nearest codeword; ties go to the lower k.
 *
 * rows: f32 (rowCount, dim). panels: f32 (⌈codewordCount/8⌉, dim + 1, 8) from packPanels, codewordCount ≥ 1.
 * codes: u16 (rowCount).
 *
 * A tile is 4 rows × 8 codewords: 8 sums stay in registers while `dim` is walked, each a sequence of f32 mul and add in
 * the order of `dim`, and ½‖c‖² is subtracted last. 52–58 GFLOP/s at dim 64, K 256; tiles of 6×8, 3×16 and 4×12 spill
 * (34–36), 1×32 waits for loads (43). A tile that hangs over the end repeats the last row.
 */
export function assignRows(
  rows: usize,
  panels: usize,
  rowCount: i32,
  codewordCount: i32,
  dim: i32,
  codes: usize,
): void {
  const rowBytes = <usize>dim << 2;
  const last = rowCount - 1;
  const laneIndex = i32x4(0, 1, 2, 3);
  for (let i = 0; i < rowCount; i += 4) {
    const i1 = min(i + 1, last);
    const i2 = min(i + 2, last);
    const i3 = min(i + 3, last);
    const row0 = rows + <usize>i * rowBytes;
    const row1 = rows + <usize>i1 * rowBytes;
    const row2 = rows + <usize>i2 * rowBytes;
    const row3 = rows + <usize>i3 * rowBytes;
    let best0 = f32x4.splat(-Infinity);
    let best1 = best0;
    let best2 = best0;
    let best3 = best0;
    let code0 = i32x4.splat(0);
    let code1 = code0;
    let code2 = code0;
    let code3 = code0;
    let line = panels;
    for (let k = 0; k < codewordCount; k += PANEL_WIDTH, line += PANEL_LINE_BYTES) {
      let low0 = f32x4.splat(0);
      let low1 = low0;
      let low2 = low0;
      let low3 = low0;
      let high0 = low0;
      let high1 = low0;
      let high2 = low0;
      let high3 = low0;
      for (let offset: usize = 0; offset < rowBytes; offset += 4, line += PANEL_LINE_BYTES) {
        const low = v128.load(line);
        const high = v128.load(line, 16);
        const value0 = v128.load32_splat(row0 + offset);
        low0 = f32x4.add(low0, f32x4.mul(value0, low));
        high0 = f32x4.add(high0, f32x4.mul(value0, high));
        const value1 = v128.load32_splat(row1 + offset);
        low1 = f32x4.add(low1, f32x4.mul(value1, low));
        high1 = f32x4.add(high1, f32x4.mul(value1, high));
        const value2 = v128.load32_splat(row2 + offset);
        low2 = f32x4.add(low2, f32x4.mul(value2, low));
        high2 = f32x4.add(high2, f32x4.mul(value2, high));
        const value3 = v128.load32_splat(row3 + offset);
        low3 = f32x4.add(low3, f32x4.mul(value3, low));
        high3 = f32x4.add(high3, f32x4.mul(value3, high));
      }
      // Within a lane codewords only ascend, so a strict comparison keeps the lower one.
      const lowHalfNorms = v128.load(line);
      const lowCodes = i32x4.add(laneIndex, i32x4.splat(k));
      low0 = f32x4.sub(low0, lowHalfNorms);
      low1 = f32x4.sub(low1, lowHalfNorms);
      low2 = f32x4.sub(low2, lowHalfNorms);
      low3 = f32x4.sub(low3, lowHalfNorms);
      code0 = v128.bitselect(lowCodes, code0, f32x4.gt(low0, best0));
      code1 = v128.bitselect(lowCodes, code1, f32x4.gt(low1, best1));
      code2 = v128.bitselect(lowCodes, code2, f32x4.gt(low2, best2));
      code3 = v128.bitselect(lowCodes, code3, f32x4.gt(low3, best3));
      best0 = f32x4.pmax(best0, low0);
      best1 = f32x4.pmax(best1, low1);
      best2 = f32x4.pmax(best2, low2);
      best3 = f32x4.pmax(best3, low3);
      const highHalfNorms = v128.load(line, 16);
      const highCodes = i32x4.add(laneIndex, i32x4.splat(k + 4));
      high0 = f32x4.sub(high0, highHalfNorms);
      high1 = f32x4.sub(high1, highHalfNorms);
      high2 = f32x4.sub(high2, highHalfNorms);
      high3 = f32x4.sub(high3, highHalfNorms);
      code0 = v128.bitselect(highCodes, code0, f32x4.gt(high0, best0));
      code1 = v128.bitselect(highCodes, code1, f32x4.gt(high1, best1));
      code2 = v128.bitselect(highCodes, code2, f32x4.gt(high2, best2));
      code3 = v128.bitselect(highCodes, code3, f32x4.gt(high3, best3));
      best0 = f32x4.pmax(best0, high0);
      best1 = f32x4.pmax(best1, high1);
      best2 = f32x4.pmax(best2, high2);
      best3 = f32x4.pmax(best3, high3);
    }
    store<u16>(codes + (<usize>i << 1), <u16>winner(best0, code0));
    store<u16>(codes + (<usize>i1 << 1), <u16>winner(best1, code1));
    store<u16>(codes + (<usize>i2 << 1), <u16>winner(best2, code2));
    store<u16>(codes + (<usize>i3 << 1), <u16>winner(best3, code3));
  }
}
