import { paddedRow, ROW_VALUE_BYTES, type RowType } from "../facts.ts";
import { floatToHalf, halfToFloat } from "../float16.ts";

/** Rows as the file stores them, and the values that they stand for. */
export interface EncodedRows {
  /** [count, padded row] of the row type. */
  readonly bytes: Uint8Array;
  /** f32 (count), int8 rows only: value = scale × code. */
  readonly scales: Float32Array | undefined;
  /** The stored value of row `row`, column `column`. */
  value(row: number, column: number): number;
}

const CODE_LIMIT = 127;

/** Stores rows `order[0], order[1], …` of f32 (N, dim) data, in this order. */
export function encodeRows(data: Float32Array, dim: number, order: Int32Array, rows: RowType): EncodedRows {
  const stride = paddedRow({ dim, rows });
  const bytes = new Uint8Array(order.length * stride * ROW_VALUE_BYTES[rows]);
  const each = (put: (at: number, value: number) => void): void => {
    for (let p = 0; p < order.length; p++) {
      const start = (order[p] as number) * dim;
      for (let d = 0; d < dim; d++) put(p * stride + d, data[start + d] as number);
    }
  };
  if (rows === "f32") {
    const values = new Float32Array(bytes.buffer);
    each((at, value) => {
      values[at] = value;
    });
    return { bytes, scales: undefined, value: (row, column) => values[row * stride + column] as number };
  }
  if (rows === "f16") {
    const values = new Uint16Array(bytes.buffer);
    each((at, value) => {
      values[at] = floatToHalf(value);
    });
    return { bytes, scales: undefined, value: (row, column) => halfToFloat(values[row * stride + column] as number) };
  }
  const codes = new Int8Array(bytes.buffer);
  const scales = new Float32Array(order.length);
  for (let p = 0; p < order.length; p++) {
    const start = (order[p] as number) * dim;
    let largest = 0;
    for (let d = 0; d < dim; d++) {
      const magnitude = Math.abs(data[start + d] as number);
      if (magnitude > largest) largest = magnitude;
    }
    scales[p] = largest / CODE_LIMIT;
    const scale = scales[p] as number; // as stored: rounded to f32
    if (scale === 0) continue;
    for (let d = 0; d < dim; d++) {
      const code = Math.round((data[start + d] as number) / scale);
      codes[p * stride + d] = code > CODE_LIMIT ? CODE_LIMIT : Math.max(code, -CODE_LIMIT);
    }
  }
  return {
    bytes,
    scales,
    value: (row, column) => (codes[row * stride + column] as number) * (scales[row] as number),
  };
}
