import { xxh64 } from "../../checksum";
import { PANEL_LINE_BYTES, PANEL_WIDTH } from "../../../src/abi";
import { Buckets } from "./tables";

/** Computes subScores1 and subScores2 of the query, and its hash. O(K D). */
export function subScores(b: Buckets): void {
  b.queryHash = xxh64(b.query, b.dim << 2, 0);
  scorePanels(b.query, b.panels1, b.codewordCount, b.dim1, 1 << b.columnBits, b.subScores1);
  scorePanels(b.query + (<usize>(b.dim - b.dim2) << 2), b.panels2, b.codewordCount, b.dim2, 1 << b.columnBits, b.subScores2);
}

/**
 * Sets out[k] to query·c[k] in f32, added in the order of `dim`, and to -Infinity from codewordCount up to `end`, which
 * is at least 16. Two panels are taken at once, 16 codewords in four registers: 2.9 µs for 2 × 256 codewords of 64
 * values, 3.3 µs row by row.
 */
function scorePanels(query: usize, panels: usize, codewordCount: i32, dim: i32, end: i32, out: usize): void {
  const panelBytes = (<usize>dim + 1) * PANEL_LINE_BYTES, queryBytes = <usize>dim << 2;
  for (let k = 0; k < codewordCount; k += 2 * PANEL_WIDTH) {
    let line0 = panels + <usize>(k / PANEL_WIDTH) * panelBytes;
    let line1 = k + PANEL_WIDTH < codewordCount ? line0 + panelBytes : line0;
    let low0 = f32x4.splat(0), high0 = low0, low1 = low0, high1 = low0;
    for (let offset: usize = 0; offset < queryBytes; offset += 4, line0 += PANEL_LINE_BYTES, line1 += PANEL_LINE_BYTES) {
      const value = v128.load32_splat(query + offset);
      low0 = f32x4.add(low0, f32x4.mul(value, v128.load(line0)));
      high0 = f32x4.add(high0, f32x4.mul(value, v128.load(line0, 16)));
      low1 = f32x4.add(low1, f32x4.mul(value, v128.load(line1)));
      high1 = f32x4.add(high1, f32x4.mul(value, v128.load(line1, 16)));
    }
    const scores = out + (<usize>k << 2);
    v128.store(scores, low0);
    v128.store(scores, high0, 16);
    v128.store(scores, low1, 32);
    v128.store(scores, high1, 48);
  }
  for (let k = codewordCount; k < end; k++) store<f32>(out + (<usize>k << 2), -Infinity);
}
