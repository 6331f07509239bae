import { halvesToFloats } from "../bytes/float16.ts";
import { RESIDUAL_UNITS } from "../format/residuals.ts";
import { rowBytes } from "../format/tensors.ts";
import type { RowFacts, StoredRows } from "./stored-changes.ts";

/** The factor that makes up, with room, for what a norm can lose by rounding in f64 and to f32. */
const GROW = 1 + 2 ** -21;

/**
 * Computes an upper bound of the norm of each stored row, in f32. For a row with residuals, it is the norm of the refined row
 * if that is larger.
 */
export function rowNorms({ rows, scales, residuals }: StoredRows, facts: RowFacts): Float32Array {
  const bytes = rowBytes(facts);
  const count = rows.length / bytes;
  const read = valuesReader(rows, facts);
  const norms = new Float32Array(count);
  const fine = residuals && new Int8Array(residuals.buffer, residuals.byteOffset, residuals.byteLength);
  for (let row = 0; row < count; row++) {
    const values = read(row);
    let [square, refined] = [0, 0];
    for (let d = 0; d < facts.dim; d++) {
      const value = values[d] as number;
      square += value * value;
      refined += (value + ((fine?.[row * bytes + d] as number) || 0) / RESIDUAL_UNITS) ** 2;
    }
    norms[row] = Math.sqrt(Math.max(square, refined)) * (scales?.[row] ?? 1) * GROW;
  }
  return norms;
}

/** Returns a function that reads the values of a row, which for int8 are its codes. They are valid until its next call. */
function valuesReader(rows: Uint8Array, facts: RowFacts): (row: number) => ArrayLike<number> {
  const { dim, rows: type } = facts;
  const bytes = rowBytes(facts);
  const { buffer, byteOffset } = rows;
  if (type === "f32") return (row) => new Float32Array(buffer, byteOffset + row * bytes, dim);
  if (type === "i8") return (row) => new Int8Array(buffer, byteOffset + row * bytes, dim);
  const values = new Float32Array(dim);
  return (row) => {
    halvesToFloats(new Uint16Array(buffer, byteOffset + row * bytes, dim), values);
    return values;
  };
}
