import { PANEL_LINE_BYTES, PANEL_WIDTH } from "../../src/abi";
import { Matrix } from "./matrix";

// Matrix products for encoders. The right matrix is packed into panels of eight columns, so that one value of the left
// matrix meets eight columns in two registers. A sum begins with the value that is there and takes its terms one after
// the other. So a row has the same bits alone as among others, and a product the same bits at once as in pieces.

/** A right matrix in panels of eight columns, with a line of eight values for each row. */
@unmanaged
export class Panels {
  values: usize; // f32 (⌈columnCount / 8⌉, depth, 8)
  depth: i32; // rows
  columnCount: i32;
}

/**
 * Packs a matrix into panels. The last one ends with columns of zeros. O(depth · columnCount).
 *
 * matrix: Matrix (depth, columnCount). panels: Panels, whose values are written.
 */
export function packColumns(matrix: usize, panels: usize): void {
  const m = changetype<Matrix>(matrix), p = changetype<Panels>(panels);
  const values = m.values, rowStep = m.rowStep, columnStep = m.columnStep;
  const depth = p.depth, columnCount = p.columnCount;
  let line = p.values;
  for (let first = 0; first < columnCount; first += PANEL_WIDTH) {
    let row = values + <usize>first * columnStep;
    const count = min(columnCount - first, PANEL_WIDTH);
    let k = 0;
    if (count == PANEL_WIDTH && columnStep == 4) {
      for (; k < depth; k++, row += rowStep, line += PANEL_LINE_BYTES) {
        v128.store(line, v128.load(row));
        v128.store(line, v128.load(row, 16), 16);
      }
    } else if (count == PANEL_WIDTH && rowStep == 4) {
      for (; k + 4 <= depth; k += 4, row += 16, line += 4 * PANEL_LINE_BYTES) {
        transposeQuad(row, columnStep, line);
        transposeQuad(row + (columnStep << 2), columnStep, line + 16);
      }
    }
    for (; k < depth; k++, row += rowStep, line += PANEL_LINE_BYTES) {
      let value = row;
      for (let c = 0; c < PANEL_WIDTH; c++, value += columnStep) {
        store<f32>(line + (<usize>c << 2), c < count ? load<f32>(value) : 0);
      }
    }
  }
}

/** Writes four columns of four values, `step` bytes apart, to halves of four lines. */
// @ts-ignore: decorator
@inline
function transposeQuad(columns: usize, step: usize, line: usize): void {
  const second = columns + step, third = second + step;
  const a = v128.load(columns), b = v128.load(second), c = v128.load(third), d = v128.load(third + step);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  v128.store(line, v128.shuffle<f64>(ab, cd, 0, 2));
  v128.store(line + PANEL_LINE_BYTES, v128.shuffle<f64>(ab, cd, 1, 3));
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7), cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(line + 2 * PANEL_LINE_BYTES, v128.shuffle<f64>(ab2, cd2, 0, 2));
  v128.store(line + 3 * PANEL_LINE_BYTES, v128.shuffle<f64>(ab2, cd2, 1, 3));
}

/** Adds the products of four rows with a panel. The 32 sums stay in registers. */
// @ts-ignore: decorator
@inline
function addTile(out: usize, outBytes: usize, left: usize, matrix: Matrix, panel: usize, end: usize): void {
  const rowStep = matrix.rowStep, columnStep = matrix.columnStep;
  const out1 = out + outBytes, out2 = out1 + outBytes, out3 = out2 + outBytes;
  let low0 = v128.load(out), low1 = v128.load(out1), low2 = v128.load(out2), low3 = v128.load(out3);
  let high0 = v128.load(out, 16), high1 = v128.load(out1, 16), high2 = v128.load(out2, 16), high3 = v128.load(out3, 16);
  let left1 = left + rowStep, left2 = left1 + rowStep, left3 = left2 + rowStep;
  for (; panel < end; panel += PANEL_LINE_BYTES) {
    const low = v128.load(panel), high = v128.load(panel, 16);
    const value0 = v128.load32_splat(left);
    low0 = f32x4.add(low0, f32x4.mul(value0, low));
    high0 = f32x4.add(high0, f32x4.mul(value0, high));
    const value1 = v128.load32_splat(left1);
    low1 = f32x4.add(low1, f32x4.mul(value1, low));
    high1 = f32x4.add(high1, f32x4.mul(value1, high));
    const value2 = v128.load32_splat(left2);
    low2 = f32x4.add(low2, f32x4.mul(value2, low));
    high2 = f32x4.add(high2, f32x4.mul(value2, high));
    const value3 = v128.load32_splat(left3);
    low3 = f32x4.add(low3, f32x4.mul(value3, low));
    high3 = f32x4.add(high3, f32x4.mul(value3, high));
    left += columnStep;
    left1 += columnStep;
    left2 += columnStep;
    left3 += columnStep;
  }
  v128.store(out, low0);
  v128.store(out, high0, 16);
  v128.store(out1, low1);
  v128.store(out1, high1, 16);
  v128.store(out2, low2);
  v128.store(out2, high2, 16);
  v128.store(out3, low3);
  v128.store(out3, high3, 16);
}

/** Adds the products of one row with four panels, so that no sum waits for itself. */
// @ts-ignore: decorator
@inline
function addWide(out: usize, left: usize, columnStep: usize, panel: usize, panelBytes: usize): void {
  let a0 = v128.load(out), a1 = v128.load(out, 16), b0 = v128.load(out, 32), b1 = v128.load(out, 48);
  let c0 = v128.load(out, 64), c1 = v128.load(out, 80), d0 = v128.load(out, 96), d1 = v128.load(out, 112);
  let second = panel + panelBytes, third = second + panelBytes, fourth = third + panelBytes;
  for (const end = panel + panelBytes; panel < end; panel += PANEL_LINE_BYTES) {
    const value = v128.load32_splat(left);
    a0 = f32x4.add(a0, f32x4.mul(value, v128.load(panel)));
    a1 = f32x4.add(a1, f32x4.mul(value, v128.load(panel, 16)));
    b0 = f32x4.add(b0, f32x4.mul(value, v128.load(second)));
    b1 = f32x4.add(b1, f32x4.mul(value, v128.load(second, 16)));
    c0 = f32x4.add(c0, f32x4.mul(value, v128.load(third)));
    c1 = f32x4.add(c1, f32x4.mul(value, v128.load(third, 16)));
    d0 = f32x4.add(d0, f32x4.mul(value, v128.load(fourth)));
    d1 = f32x4.add(d1, f32x4.mul(value, v128.load(fourth, 16)));
    left += columnStep;
    second += PANEL_LINE_BYTES;
    third += PANEL_LINE_BYTES;
    fourth += PANEL_LINE_BYTES;
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  v128.store(out, b0, 32);
  v128.store(out, b1, 48);
  v128.store(out, c0, 64);
  v128.store(out, c1, 80);
  v128.store(out, d0, 96);
  v128.store(out, d1, 112);
}

/** Adds the products of one row with four columns of a panel. */
// @ts-ignore: decorator
@inline
function addQuad(out: usize, left: usize, columnStep: usize, panel: usize, end: usize): void {
  let sum = v128.load(out);
  for (; panel < end; panel += PANEL_LINE_BYTES, left += columnStep) {
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(left), v128.load(panel)));
  }
  v128.store(out, sum);
}

/** Adds the products of one row with the panels from `first` on. */
function addRow(out: usize, left: usize, columnStep: usize, panels: usize, panelBytes: usize, columnCount: i32): void {
  let column = 0;
  for (; column + 4 * PANEL_WIDTH <= columnCount; column += 4 * PANEL_WIDTH) {
    addWide(out + (<usize>column << 2), left, columnStep, panels, panelBytes);
    panels += panelBytes << 2;
  }
  for (; column < columnCount; column += 4) {
    addQuad(out + (<usize>column << 2), left, columnStep, panels, panels + panelBytes);
    panels += (column & 4) == 0 ? 16 : panelBytes - 16;
  }
}

/**
 * Adds Σ_k left[r][k] · right[k] to out[r], with k ascending: the product of two matrices. `packColumns` must have packed the
 * right one. O(rowCount · depth · columnCount).
 *
 * out: f32, `outBytes` for each of rowCount rows, with room for columnCount rounded up to 4. Values beyond columnCount
 * have no meaning. left: Matrix (rowCount, depth). right: Panels (depth, columnCount).
 */
export function addProducts(out: usize, outBytes: usize, rowCount: i32, left: usize, right: usize): void {
  const m = changetype<Matrix>(left), p = changetype<Panels>(right);
  const rowStep = m.rowStep, columnStep = m.columnStep;
  const panels = p.values, columnCount = p.columnCount, panelBytes = <usize>p.depth * PANEL_LINE_BYTES;
  let row = m.values;
  const whole = columnCount & -PANEL_WIDTH;
  let r = 0;
  for (; r + 4 <= rowCount; r += 4, row += rowStep << 2, out += outBytes << 2) {
    let panel = panels;
    let place = out;
    for (let column = 0; column < whole; column += PANEL_WIDTH, panel += panelBytes, place += PANEL_LINE_BYTES) {
      addTile(place, outBytes, row, m, panel, panel + panelBytes);
    }
    if (whole == columnCount) continue;
    for (let i: usize = 0; i < 4; i++) {
      addRow(place + i * outBytes, row + i * rowStep, columnStep, panel, panelBytes, columnCount - whole);
    }
  }
  for (; r < rowCount; r++, row += rowStep, out += outBytes) {
    addRow(out, row, columnStep, panels, panelBytes, columnCount);
  }
}
