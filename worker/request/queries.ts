import type { MultiIndex } from "../../src/public.ts";
import { MAX_QUERY_BYTES } from "../contract/limits.ts";
import { Problem } from "../contract/problem.ts";
import type { queries } from "../contract/requests.ts";
import { queriesOf, readBag } from "./bags.ts";
import { type BatchOfQueries, checkCount } from "./batch.ts";
import { type Body, bodyTooLarge } from "./body.ts";
import { invalidField } from "./invalid-field.ts";
import { readRawVectors } from "./raw-vectors.ts";
import { readVectors } from "./vectors.ts";

/** One of a kind of query is given: a vector, several, a bag of features with what these weigh, or several. */
export type QueryFields = Partial<Record<keyof typeof queries, readonly unknown[]>>;

export interface Queries extends BatchOfQueries {
  /** The answer is a list, also of one. */
  readonly batched: boolean;
}

/** The queries of a body; a 400 names the element that is wrong. */
export function readQueries({ fields, byteLength, raw }: Body<QueryFields>, index: MultiIndex): Queries {
  const { vector, vectors, features, weights, bags } = fields;
  const { dim } = index.info;
  const given = [vector, vectors, features, bags].filter(Boolean).length;
  if (weights && !features) throw invalidField("weights", '"features" beside them');
  if (raw) {
    if (given > 0) throw new Problem("invalid_field", "the body is the vectors: the query string takes none");
    return { ...readRawVectors(raw, dim), batched: raw.batch !== undefined };
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
