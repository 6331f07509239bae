import { MAGNITUDE_LIMIT } from "../../src/internal.ts";
import { checkCount, type QueryBatch } from "./batch.ts";
import { invalidField, kindOf } from "./invalid-field.ts";

/** The remedy for a vector of the wrong width, which most often comes from another model. */
export const FROM_MODEL = "vectors have to come from the model that the index was built for";

/** Reads a list of vectors. A 400 names the element that is wrong. */
export function readVectors(vectors: readonly unknown[], dim: number, nameOf: (i: number) => string): QueryBatch {
  const count = vectors.length;
  checkCount(count, "vectors");
  const values = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) copyVector(vectors[i], nameOf(i), values.subarray(i * dim, (i + 1) * dim));
  return { values: () => values, count, work: 0 };
}

/** Copies a vector. A 400 names the field, or the element that is wrong. */
export function copyVector(vector: unknown, field: string, into: Float32Array): void {
  if (!Array.isArray(vector)) throw invalidField(field, `an array, got ${kindOf(vector)}`);
  if (vector.length !== into.length) {
    throw invalidField(field, `${into.length} values, got ${vector.length}: ${FROM_MODEL}`);
  }
  for (let i = 0; i < into.length; i++) {
    const value: unknown = vector[i];
    checkValue(value, () => `${field}[${i}]`);
    into[i] = value as number;
  }
}

/** Throws a 400 unless the value is a number that the library accepts. */
export function checkValue(value: unknown, field: () => string): void {
  if (typeof value === "number" && Math.abs(value) <= MAGNITUDE_LIMIT) return;
  if (Number.isFinite(value)) throw invalidField(field(), `a magnitude of at most 2^40, got ${kindOf(value)}`);
  throw invalidField(field(), `a finite number, got ${kindOf(value)}`);
}
