import { MAGNITUDE_LIMIT } from "../src/checks/check.ts";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { queriesOf, readBag } from "./bags.ts";
import { type Body, bodyTooLarge, type RawVectors } from "./body.ts";
import { invalidField, kindOf } from "./invalid-field.ts";
import { MAX_BATCH, MAX_QUERY_BYTES } from "./limits.ts";
import { Problem } from "./problem.ts";

/** One of a kind of query is given: a vector, several, a bag of features with what these weigh, or several. */
export interface QueryFields {
  readonly vector?: readonly unknown[];
  readonly vectors?: readonly unknown[];
  readonly features?: readonly unknown[];
  readonly weights?: readonly unknown[];
  readonly bags?: readonly unknown[];
}

export interface BatchOfQueries {
  /** (count × dim) f32, row by row. */
  readonly values: () => Float32Array;
  readonly count: number;
  /** Multiply-adds that `values` takes, from above. */
  readonly work: number;
}

export interface Queries extends BatchOfQueries {
  /** The answer is a list, also of one. */
  readonly batched: boolean;
}

const FLOAT_BYTES = 4;

/** What helps against a vector of another width, which is most often one of another model. */
const FROM_MODEL = "vectors have to come from the model that the index was built for";

/** The queries of a body; a 400 names the element that is wrong. */
export function readQueries({ fields, byteLength, raw }: Body<QueryFields>, index: MultiIndex): Queries {
  const { vector, vectors, features, weights, bags } = fields;
  const { dim } = index.info;
  const given = [vector, vectors, features, bags].filter(Boolean).length;
  if (weights && !features) throw invalidField("weights", '"features" beside them');
  if (raw) {
    if (given > 0) throw new Problem("invalid_field", "the body is the vectors: the query string takes none");
    return readRows(raw, dim);
  }
  if (given !== 1) throw new Problem("invalid_field", 'body expected one of "vector", "vectors", "features", "bags"');
  if (vectors) return { ...readVectors(vectors, dim, (i) => `vectors[${i}]`), batched: true };
  if (bags) {
    checkCount(bags.length, "bags");
    return { ...queriesOf(bags.map(readBag), index, (i) => `bags[${i}].`), batched: true };
  }
  if (byteLength > MAX_QUERY_BYTES) throw bodyTooLarge(MAX_QUERY_BYTES);
  const one = features
    ? queriesOf([{ features, weights }], index, () => "")
    : readVectors([vector], dim, () => "vector");
  return { ...one, batched: false };
}

function readVectors(vectors: readonly unknown[], dim: number, nameOf: (i: number) => string): BatchOfQueries {
  const count = vectors.length;
  checkCount(count, "vectors");
  const values = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) copyVector(vectors[i], nameOf(i), values.subarray(i * dim, (i + 1) * dim));
  return { values: () => values, count, work: 0 };
}

/** One vector is answered as `vector` is, those of a `batch` as `vectors`. */
function readRows({ bytes, batch }: RawVectors, dim: number): Queries {
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
  return { values: () => values, count, work: 0, batched: checked !== undefined };
}

function checkBatch(batch: unknown): number {
  if (typeof batch === "number" && Number.isInteger(batch) && batch >= 1 && batch <= MAX_BATCH) return batch;
  throw invalidField("batch", `an integer from 1 to ${MAX_BATCH}, got ${kindOf(batch)}`);
}

/** A vector of another width is the commonest mistake: twice the width must not pass for two queries. */
function wrongLength(byteLength: number, dim: number, batch: number | undefined): Problem {
  const rowBytes = dim * FLOAT_BYTES;
  const expected = batch === undefined ? `${rowBytes} bytes` : `${batch} × ${rowBytes} bytes ("batch" vectors)`;
  const several = byteLength / rowBytes;
  const isSeveral = Number.isInteger(several) && several > 1 && several <= MAX_BATCH;
  const remedy = isSeveral
    ? `${FROM_MODEL}, and ${several} of them need "batch=${several}" in the query string`
    : FROM_MODEL;
  const given = `got ${byteLength} (${byteLength / FLOAT_BYTES} values)`;
  return new Problem("invalid_field", `body expected ${expected}, ${dim} f32 values a vector, ${given}: ${remedy}`);
}

function copyVector(vector: unknown, field: string, into: Float32Array): void {
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

function checkValue(value: unknown, field: () => string): void {
  if (typeof value === "number" && Math.abs(value) <= MAGNITUDE_LIMIT) return;
  if (Number.isFinite(value)) throw invalidField(field(), "a magnitude of at most 2^40");
  throw invalidField(field(), `a finite number, got ${kindOf(value)}`);
}

function checkCount(count: number, field: string): void {
  if (count < 1 || count > MAX_BATCH) throw invalidField(field, `1 to ${MAX_BATCH} queries, got ${count}`);
}
