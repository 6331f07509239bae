import * as v from "valibot";
import { MAGNITUDE_LIMIT } from "../../src/internal.ts";
import { MAX_BATCH, MAX_IDS } from "./limits.ts";
import type * as requests from "./requests.ts";

// The meanings of the fields of requests. The Worker imports none of it, so its bundle has no description.

export interface Meaning {
  readonly description: string;
  /** The values that it takes, where the Worker's schema does not say that: it looks at the elements of lists in loops. */
  readonly holds?: v.GenericSchema;
}

const natural = v.pipe(v.number(), v.integer(), v.minValue(0));
const value = v.pipe(v.number(), v.minValue(-MAGNITUDE_LIMIT), v.maxValue(MAGNITUDE_LIMIT));
const row = v.pipe(v.array(value), v.minLength(1));
export const className = v.union([natural, v.string()]);
const classes = v.pipe(v.array(className), v.maxLength(MAX_IDS));
const features = v.array(v.union([natural, v.string()]));
const weights = v.array(value);
export const bag = v.strictObject({ features, weights: v.exactOptional(weights) });
const rows = v.pipe(v.array(row), v.minLength(1), v.maxLength(MAX_BATCH));
const bags = v.pipe(v.array(bag), v.minLength(1), v.maxLength(MAX_BATCH));

type Schemas = typeof requests;
type KeyOfAny<T> = T extends { readonly entries: infer Entries } ? keyof Entries : never;

/** Every field of every request. One that is missing here, or is none of a schema, is a compile error. */
export const FIELDS = {
  vector: {
    holds: row,
    description: "One query, of as many values as the index has dimensions; answered by one answer.",
  },
  vectors: {
    holds: rows,
    description: "Several queries, answered by results in their order, each bit for bit as alone.",
  },
  features: {
    holds: features,
    description:
      "One query, as features by id or by name, of an index built with a table of them: the weighted sum of their vectors, each times its position's where order matters (the nearest first).",
  },
  weights: { holds: weights, description: "What each of the features weighs; without, what the index's pooling says." },
  bags: { holds: bags, description: "Several queries of features, answered as vectors are." },
  temperature: { description: "The question is about the softmax of score / temperature; 1 where nothing is said." },
  exclude: { holds: classes, description: "Classes that take no part, by id or by label." },
  allow: { holds: classes, description: "The only classes that take part, by id or by label." },
  seed: {
    description:
      "Same index, question and seed give the same answer; an integer, or its decimal digits for all 64 bits.",
  },
  exact: {
    description:
      "Certain answers, from all rows. Beside it scan, rescore, targetError and the draws of an estimate are refused.",
  },
  scan: {
    description:
      'Head budget: the classes of the best buckets, up to so many, are scored exactly; 1,024 without; "auto", of estimates, takes what targetError needs.',
  },
  rescore: {
    description:
      "Head of so many classes by fine codes instead of by buckets, of an index built with them; without scan.",
  },
  draws: { description: "Draws: those to give of sample, otherwise those from the tail behind the head, 100 without." },
  targetError: {
    description:
      'Relative standard error of the partition that "scan": "auto" aims at, and beside nothing else; 0.05 without.',
  },
  tolerance: { description: "Widest upper − lower to be content with: the head grows to meet it." },
  k: { description: "Classes to find." },
  ids: { holds: classes, description: "Classes that are asked for, by id or by label." },
  vectorId: { description: "In place of a vector: the id of a class, whose stored row is the query." },
  topK: { description: "Classes to find." },
  returnValues: { description: "Each match has its stored row; this counts for the work of the request." },
  returnMetadata: {
    description:
      'Each match has metadata: its label for "all" and true, {} for "indexed" and where there are no labels.',
  },
  filter: { description: "Vectorize's filter by metadata: none but the empty one is taken." },
  namespace: { holds: v.never(), description: "Vectorize's namespaces: refused." },
  count: { description: "Ids in a page." },
  cursor: { description: "The nextCursor of the page before." },
} as const satisfies Readonly<Record<KeyOfAny<Schemas[keyof Schemas]>, Meaning>>;
