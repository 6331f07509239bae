import { PANEL_LINE_BYTES, PANEL_WIDTH } from "../../../src/abi";

/**
 * out[i][k] = rows[i]·c[k] + offsets[i], in f32: a sequence of mul and add in the order of `dim`, the offset last. Columns
 * up to the next multiple of 8 are those of zero vectors.
 *
 * rows: f32 (rowCount, dim), rowCount ≥ 1. panels: of c, f32 (codewordCount, dim), from packPanels. offsets: f32 (rowCount).
 * out: f32 (rowCount, 8⌈codewordCount/8⌉).
 *
 * A tile is 4 rows × 8 codewords, as in assignRows. A tile that hangs over the end repeats the last row.
 */
export function panelProducts(
  rows: usize,
  panels: usize,
  rowCount: i32,
  codewordCount: i32,
  dim: i32,
  offsets: usize,
  out: usize,
): void {
  const rowBytes = <usize>dim << 2;
  const last = rowCount - 1;
  const outBytes = <usize>((codewordCount + PANEL_WIDTH - 1) & -PANEL_WIDTH) << 2;
  for (let i = 0; i < rowCount; i += 4) {
    const i1 = min(i + 1, last), i2 = min(i + 2, last), i3 = min(i + 3, last);
    const row0 = rows + <usize>i * rowBytes, row1 = rows + <usize>i1 * rowBytes;
    const row2 = rows + <usize>i2 * rowBytes, row3 = rows + <usize>i3 * rowBytes;
    const offset0 = v128.load32_splat(offsets + (<usize>i << 2)), offset1 = v128.load32_splat(offsets + (<usize>i1 << 2));
    const offset2 = v128.load32_splat(offsets + (<usize>i2 << 2)), offset3 = v128.load32_splat(offsets + (<usize>i3 << 2));
    let line = panels;
    for (let column: usize = 0; column < outBytes; column += PANEL_LINE_BYTES, line += PANEL_LINE_BYTES) {
      let low0 = f32x4.splat(0), low1 = low0, low2 = low0, low3 = low0;
      let high0 = low0, high1 = low0, high2 = low0, high3 = low0;
      for (let offset: usize = 0; offset < rowBytes; offset += 4, line += PANEL_LINE_BYTES) {
        const low = v128.load(line), high = v128.load(line, 16);
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
      const at = out + column;
      v128.store(at + <usize>i * outBytes, f32x4.add(low0, offset0));
      v128.store(at + <usize>i * outBytes, f32x4.add(high0, offset0), 16);
      v128.store(at + <usize>i1 * outBytes, f32x4.add(low1, offset1));
      v128.store(at + <usize>i1 * outBytes, f32x4.add(high1, offset1), 16);
      v128.store(at + <usize>i2 * outBytes, f32x4.add(low2, offset2));
      v128.store(at + <usize>i2 * outBytes, f32x4.add(high2, offset2), 16);
      v128.store(at + <usize>i3 * outBytes, f32x4.add(low3, offset3));
      v128.store(at + <usize>i3 * outBytes, f32x4.add(high3, offset3), 16);
    }
  }
}
