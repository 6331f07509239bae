import { MAGNITUDE_LIMIT } from "../src/check.ts";
import { bodyTooLarge } from "./body.ts";
import { invalidField, kindOf } from "./invalid-field.ts";
import { MAX_BATCH, MAX_QUERY_BYTES } from "./limits.ts";
import { Problem } from "./problem.ts";

export interface QueryBody {
  readonly vector: readonly unknown[] | undefined;
  readonly vectors: readonly unknown[] | undefined;
}

/** (count × dim) f32, row by row. */
export interface Queries {
  readonly values: Float32Array;
  readonly count: number;
}

/** The vector or the vectors of a body of `bodyBytes` bytes; a 400 names the element that is wrong. */
export function readQueries({ vector, vectors }: QueryBody, bodyBytes: number, dim: number): Queries {
  if ((vector === undefined) === (vectors === undefined)) {
    throw new Problem("invalid_field", 'body expected either "vector" or "vectors"');
  }
  if (vectors) return readBatch(vectors, dim);
  if (bodyBytes > MAX_QUERY_BYTES) throw bodyTooLarge(MAX_QUERY_BYTES);
  return { values: readQuery(vector, dim), count: 1 };
}

/** One query: (dim) f32. */
export function readQuery(vector: unknown, dim: number): Float32Array {
  const query = new Float32Array(dim);
  copyVector(vector, "vector", query);
  return query;
}

function readBatch(vectors: readonly unknown[], dim: number): Queries {
  const count = vectors.length;
  if (count < 1 || count > MAX_BATCH) throw invalidField("vectors", `1 to ${MAX_BATCH} vectors, got ${count}`);
  const values = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) copyVector(vectors[i], `vectors[${i}]`, values.subarray(i * dim, (i + 1) * dim));
  return { values, count };
}

function copyVector(vector: unknown, field: string, into: Float32Array): void {
  if (!Array.isArray(vector)) throw invalidField(field, `an array, got ${kindOf(vector)}`);
  if (vector.length !== into.length) throw invalidField(field, `${into.length} values, got ${vector.length}`);
  for (let i = 0; i < into.length; i++) {
    const value: unknown = vector[i];
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw invalidField(`${field}[${i}]`, `a finite number, got ${kindOf(value)}`);
    }
    if (Math.abs(value) > MAGNITUDE_LIMIT) throw invalidField(`${field}[${i}]`, "a magnitude of at most 2^40");
    into[i] = value;
  }
}
