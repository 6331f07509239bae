import { floatToHalf, halfToFloat } from "../bytes/float16.ts";
import type { RowType } from "./facts.ts";
import { RESIDUAL_UNITS } from "./residuals.ts";
import { paddedRow, ROW_VALUE_BYTES } from "./tensors.ts";

/** Rows as the file stores them, and the values they represent. */
export interface EncodedRows {
  /** (count, padded row) values of the row type. */
  readonly bytes: Uint8Array;
  /** f32 (count), for int8 rows only: value = scale × code. */
  readonly scales: Float32Array | undefined;
  /** The residuals of int8 codes in units of 1 / RESIDUAL_UNITS, if they are wanted: (count, padded row) int8 values. */
  readonly residuals?: Uint8Array;
  /** Returns the stored value at a row and column. */
  value(row: number, column: number): number;
}

export interface RowCodec {
  /** Bytes of a stored row, including padding. */
  readonly recordBytes: number;
  /** Encodes rows, f32 (count, dim). The result is valid until the next call. */
  encode(data: Float32Array): EncodedRows;
}

const CODE_LIMIT = 127;

/** Makes a codec for at most `mostRows` rows at a time. Only int8 rows have residuals. */
export function planRowCodec(dim: number, rows: RowType, mostRows: number, hasResiduals = false): RowCodec {
  const stride = paddedRow({ dim, rows });
  const recordBytes = stride * ROW_VALUE_BYTES[rows];
  const buffer = new Uint8Array(mostRows * recordBytes);
  const used = (data: Float32Array): Uint8Array => buffer.subarray(0, (data.length / dim) * recordBytes);
  const each = (data: Float32Array, put: (at: number, value: number) => void): void => {
    for (let i = 0, at = 0; i < data.length; at += stride) {
      for (let d = 0; d < dim; d++, i++) put(at + d, data[i] as number);
    }
  };
  if (rows === "f32") {
    const values = new Float32Array(buffer.buffer);
    const put = (at: number, value: number): void => {
      values[at] = value;
    };
    const value = (row: number, column: number): number => values[row * stride + column] as number;
    return {
      recordBytes,
      encode(data) {
        each(data, put);
        return { bytes: used(data), scales: undefined, value };
      },
    };
  }
  if (rows === "f16") {
    const values = new Uint16Array(buffer.buffer);
    const put = (at: number, value: number): void => {
      values[at] = floatToHalf(value);
    };
    const value = (row: number, column: number): number => halfToFloat(values[row * stride + column] as number);
    return {
      recordBytes,
      encode(data) {
        each(data, put);
        return { bytes: used(data), scales: undefined, value };
      },
    };
  }
  const codes = new Int8Array(buffer.buffer);
  const scales = new Float32Array(mostRows);
  const residuals = new Int8Array(hasResiduals ? buffer.length : 0);
  const value = (row: number, column: number): number =>
    (codes[row * stride + column] as number) * (scales[row] as number);
  return {
    recordBytes,
    encode(data) {
      const count = data.length / dim;
      for (let row = 0; row < count; row++) {
        const scale = encodeInt8(data, row * dim, dim, codes, row * stride);
        scales[row] = scale;
        if (!hasResiduals) continue;
        for (let d = 0, at = row * stride; d < dim; d++, at++) {
          residuals[at] = scale === 0 ? 0 : residualOf((data[row * dim + d] as number) / scale, codes[at] as number);
        }
      }
      const encoded = { bytes: used(data), scales: scales.subarray(0, count), value };
      return hasResiduals ? { ...encoded, residuals: new Uint8Array(residuals.buffer, 0, count * stride) } : encoded;
    },
  };
}

/** Returns the residual of a code, for a value in units of the row's scale. */
function residualOf(value: number, code: number): number {
  const residual = Math.floor((value - code) * RESIDUAL_UNITS + 0.5);
  return Math.max(-CODE_LIMIT, Math.min(residual, CODE_LIMIT));
}

/** Writes the codes of a row and returns its scale. */
function encodeInt8(data: Float32Array, start: number, dim: number, codes: Int8Array, at: number): number {
  let largest = 0;
  for (let d = 0; d < dim; d++) {
    const magnitude = Math.abs(data[start + d] as number);
    if (magnitude > largest) largest = magnitude;
  }
  const scale = Math.fround(largest / CODE_LIMIT); // the scale as it is stored
  // Math.round takes twice the time. It differs only within 2^-46 of a half, where no quotient of two f32 is.
  for (let d = 0; d < dim; d++) {
    const code = scale === 0 ? 0 : Math.floor((data[start + d] as number) / scale + 0.5);
    codes[at + d] = code > CODE_LIMIT ? CODE_LIMIT : Math.max(code, -CODE_LIMIT);
  }
  return scale;
}
