import { dot4F32 } from "../../dot";
import { Matrix } from "../../encoder/matrix";

// A layer, hidden or over all classes: its outputs for a batch, and the sums that make its gradients. dim is a multiple
// of 4.

/** The rows and biases of a layer. */
@unmanaged
export class Layer {
  rows: usize; // f32 (rowCount, dim)
  biases: usize; // f32 (rowCount), readable up to a multiple of 4
  rowCount: i32;
  dim: i32;
}

/**
 * Sets out[b][i] to <queries[b], rows[i]> + biases[i]. Four rows are taken at a time, so that each row is read once for
 * the whole batch. O(queryCount · rowCount · dim).
 *
 * layer: Layer. queries: f32 (queryCount, dim). out: f32, `outBytes` for each query, with room for rowCount rounded up
 * to 4. Values beyond rowCount have no meaning.
 */
export function scoreRows(layer: usize, queries: usize, queryCount: i32, out: usize, outBytes: usize): void {
  const l = changetype<Layer>(layer);
  const rows = l.rows, rowCount = l.rowCount, biases = l.biases, rowBytes = <usize>l.dim << 2;
  const last = rows + <usize>(rowCount - 1) * rowBytes;
  for (let i = 0; i < rowCount; i += 4) {
    const row0 = rows + <usize>i * rowBytes;
    const row1 = min(row0 + rowBytes, last), row2 = min(row1 + rowBytes, last), row3 = min(row2 + rowBytes, last);
    const bias = v128.load(biases + (<usize>i << 2));
    let query = queries;
    let place = out + (<usize>i << 2);
    for (let b = 0; b < queryCount; b++, query += rowBytes, place += outBytes) {
      v128.store(place, f32x4.add(dot4F32(query, row0, row1, row2, row3, rowBytes), bias));
    }
  }
}

/**
 * Adds Σ_k weights[r][k] · rows[k] to out[r], with k ascending. The sums of sixteen values stay in registers.
 * O(outCount · rowCount · dim).
 *
 * out: f32 (outCount, dim). weights: a Matrix (outCount, rowCount). rows: f32 (rowCount, dim).
 */
export function addWeightedRows(out: usize, outCount: i32, weights: usize, rows: usize, rowCount: i32, dim: i32): void {
  const w = changetype<Matrix>(weights);
  const rowStep = w.rowStep, columnStep = w.columnStep;
  let weightRow = w.values;
  const rowBytes = <usize>dim << 2;
  for (let r = 0; r < outCount; r++, out += rowBytes, weightRow += rowStep) {
    let o: usize = 0;
    for (; o + 64 <= rowBytes; o += 64) {
      let a0 = v128.load(out + o), a1 = v128.load(out + o, 16), a2 = v128.load(out + o, 32), a3 = v128.load(out + o, 48);
      let row = rows + o;
      let weightAt = weightRow;
      for (let k = 0; k < rowCount; k++, row += rowBytes, weightAt += columnStep) {
        const weight = v128.load32_splat(weightAt);
        a0 = f32x4.add(a0, f32x4.mul(weight, v128.load(row)));
        a1 = f32x4.add(a1, f32x4.mul(weight, v128.load(row, 16)));
        a2 = f32x4.add(a2, f32x4.mul(weight, v128.load(row, 32)));
        a3 = f32x4.add(a3, f32x4.mul(weight, v128.load(row, 48)));
      }
      v128.store(out + o, a0);
      v128.store(out + o, a1, 16);
      v128.store(out + o, a2, 32);
      v128.store(out + o, a3, 48);
    }
    for (; o < rowBytes; o += 16) {
      let sum = v128.load(out + o);
      let row = rows + o;
      let weightAt = weightRow;
      for (let k = 0; k < rowCount; k++, row += rowBytes, weightAt += columnStep) {
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weightAt), v128.load(row)));
      }
      v128.store(out + o, sum);
    }
  }
}

/**
 * Adds Σ_b values[b][i] to out[i], with b ascending. O(rowCount · count). values: f32, `rowBytes` for each of rowCount
 * rows. out: f32 (count).
 */
export function sumColumns(values: usize, rowCount: i32, rowBytes: usize, count: i32, out: usize): void {
  let i = 0;
  for (; i + 4 <= count; i += 4, values += 16, out += 16) {
    let sum = v128.load(out);
    let place = values;
    for (let b = 0; b < rowCount; b++, place += rowBytes) sum = f32x4.add(sum, v128.load(place));
    v128.store(out, sum);
  }
  for (; i < count; i++, values += 4, out += 4) {
    let sum = load<f32>(out);
    let place = values;
    for (let b = 0; b < rowCount; b++, place += rowBytes) sum += load<f32>(place);
    store<f32>(out, sum);
  }
}
