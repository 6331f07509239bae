import { MAX_BATCH } from "../contract/limits.ts";
import { Problem } from "../contract/problem.ts";
import type { QueryBatch } from "./batch.ts";
import type { RawVectors } from "./body.ts";
import { invalidField, kindOf } from "./invalid-field.ts";
import { checkValue, FROM_MODEL } from "./vectors.ts";

const FLOAT_BYTES = 4;

/** Reads raw vectors: one query, or those of a `batch`. */
export function readRawVectors({ bytes, batch }: RawVectors, dim: number): QueryBatch {
  const checked = batch === undefined ? undefined : checkBatch(batch);
  const count = checked ?? 1;
  if (bytes.byteLength !== count * dim * FLOAT_BYTES) throw wrongLength(bytes.byteLength, dim, checked);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(count * dim);
  for (let i = 0; i < values.length; i++) {
    const value = view.getFloat32(i * FLOAT_BYTES, true);
    checkValue(value, () => `body[${Math.floor(i / dim)}][${i % dim}]`);
    values[i] = value;
  }
  return { values: () => values, count, work: 0 };
}

function checkBatch(batch: unknown): number {
  if (typeof batch === "number" && Number.isInteger(batch) && batch >= 1 && batch <= MAX_BATCH) return batch;
  throw invalidField("batch", `an integer from 1 to ${MAX_BATCH}, got ${kindOf(batch)}`);
}

/** A vector of the wrong width is the most common mistake. Twice the width must not pass for two queries. */
function wrongLength(byteLength: number, dim: number, batch: number | undefined): Problem {
  const rowBytes = dim * FLOAT_BYTES;
  const expected = batch === undefined ? `${rowBytes} bytes` : `${batch} × ${rowBytes} bytes ("batch" vectors)`;
  const several = byteLength / rowBytes;
  const isSeveral = Number.isInteger(several) && several > 1 && several <= MAX_BATCH;
  const remedy = isSeveral
    ? `${FROM_MODEL}, and a batch of ${several} needs "batch=${several}" in the query string`
    : FROM_MODEL;
  const given = `got ${byteLength} (${byteLength / FLOAT_BYTES} values)`;
  return new Problem("invalid_field", `body expected ${expected}, ${dim} f32 values a vector, ${given}: ${remedy}`);
}
