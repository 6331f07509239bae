import { MAX_QUERY_BYTES } from "../contract/limits.ts";
import { Problem } from "../contract/problem.ts";
import type { queries } from "../contract/requests.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { type AllowedField, bitmapLength } from "./allowed.ts";
import { queriesOf, readBag } from "./bags.ts";
import { checkCount, type QueryBatch } from "./batch.ts";
import { type Body, bodyTooLarge } from "./body.ts";
import { invalidField } from "./invalid-field.ts";
import { readRawVectors } from "./raw-vectors.ts";
import { readVectors } from "./vectors.ts";

/** The fields of queries. A request uses one kind: a vector, vectors, features with optional weights, or bags. */
export type QueryFields = Partial<Record<keyof typeof queries, readonly unknown[]>>;

/** A bitmap may come on top of the largest body of one query. */
interface AllowField {
  readonly allow?: AllowedField | undefined;
}

export interface Queries extends QueryBatch {
  /** The answer is a list, even of one. */
  readonly batched: boolean;
}

/** Reads the queries of a body. A 400 names the element that is wrong. */
export function readQueries({ fields, byteLength, raw }: Body<QueryFields & AllowField>, index: ServedIndex): Queries {
  const { vector, vectors, features, weights, bags } = fields;
  const { dim } = index.info;
  const given = [vector, vectors, features, bags].filter(Boolean).length;
  if (weights && !features) throw invalidField("weights", '"features" beside it, got none');
  if (raw) {
    if (given > 0) throw new Problem("invalid_field", "the query string expected no queries beside raw vectors");
    return { ...readRawVectors(raw, dim), batched: raw.batch !== undefined };
  }
  if (given !== 1)
    throw new Problem(
      "invalid_field",
      `body expected one of "vector", "vectors", "features", "bags", got ${given === 0 ? "none" : given}`,
    );
  if (vectors) return { ...readVectors(vectors, dim, (i) => `vectors[${i}]`), batched: true };
  if (bags) {
    checkCount(bags.length, "bags");
    return { ...queriesOf(bags.map(readBag), index, (i) => `bags[${i}].`), batched: true };
  }
  if (byteLength > MAX_QUERY_BYTES + bitmapLength(fields.allow))
    throw bodyTooLarge(MAX_QUERY_BYTES, " beside a bitmap");
  const one = features
    ? queriesOf([{ features, weights }], index, () => "")
    : readVectors([vector], dim, () => "vector");
  return { ...one, batched: false };
}
