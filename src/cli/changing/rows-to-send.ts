import { halfToFloat } from "../../bytes/float16.ts";
import type { RowFacts, StoredRows } from "../../changes/stored-changes.ts";
import { RESIDUAL_UNITS } from "../../format/residuals.ts";
import { paddedRow } from "../../format/tensors.ts";

/** The largest int8 code. */
const CODE_LIMIT = 127;
/** The largest residual is that of half a unit of the code, which would be rounded to the next code. */
const MOST_RESIDUAL = CODE_LIMIT - 0.25;

/**
 * Returns a function that reads a row of a file of changes as f32 values. An index with the metric "dot" stores them as the same
 * bytes again.
 */
export function rowsToSend(stored: StoredRows, facts: RowFacts): (row: number) => Float32Array {
  const { dim, rows: rowType } = facts;
  const stride = paddedRow(facts);
  const { buffer, byteOffset } = stored.rows;
  if (rowType === "f32") {
    const values = new Float32Array(buffer, byteOffset, stored.rows.length / 4);
    return (row) => values.slice(row * stride, row * stride + dim);
  }
  if (rowType === "f16") {
    const values = new Uint16Array(buffer, byteOffset, stored.rows.length / 2);
    return (row) => Float32Array.from(values.subarray(row * stride, row * stride + dim), halfToFloat);
  }
  const codes = new Int8Array(buffer, byteOffset, stored.rows.length);
  const residuals = stored.residuals && new Int8Array(stored.residuals.buffer, stored.residuals.byteOffset);
  return (row) => {
    const scale = stored.scales?.[row] as number;
    const largest = largestFor(scale);
    return Float32Array.from({ length: dim }, (_, d) => {
      const at = row * stride + d;
      const residual = Math.max(-MOST_RESIDUAL, Math.min(residuals?.[at] ?? 0, MOST_RESIDUAL));
      const refined = (codes[at] as number) + residual / RESIDUAL_UNITS;
      const magnitude = Math.abs(refined);
      return Math.sign(refined) * (magnitude < CODE_LIMIT ? magnitude * scale : largest);
    });
  };
}

/** Returns the f32 whose 127th part is rounded to this scale. */
function largestFor(scale: number): number {
  const candidates = new Float32Array(3).fill(CODE_LIMIT * scale); // the nearest one, and its neighbours
  const bits = new Int32Array(candidates.buffer);
  bits[1] = (bits[1] as number) - 1;
  bits[2] = (bits[2] as number) + 1;
  return candidates.find((value) => Math.fround(value / CODE_LIMIT) === scale) ?? (candidates[0] as number);
}
