import type { JsonSchema } from "@valibot/to-json-schema";
import { MAGNITUDE_LIMIT } from "../../src/checks/check.ts";
import { MAX_BATCH, MAX_IDS } from "./limits.ts";

const values: JsonSchema = {
  type: "array",
  items: { type: "number", minimum: -MAGNITUDE_LIMIT, maximum: MAGNITUDE_LIMIT },
  minItems: 1,
};
const features: JsonSchema = {
  type: "array",
  items: { anyOf: [{ type: "integer", minimum: 0 }, { type: "string" }] },
};
const weights: JsonSchema = { ...values, minItems: 0 };
const classes: JsonSchema = {
  type: "array",
  items: { anyOf: [{ type: "integer", minimum: 0 }, { type: "string" }] },
  maxItems: MAX_IDS,
};

/**
 * What each field of a request means and, for those that the schemas only know to be an array, what is in it: the Worker
 * looks at elements in loops.
 */
export const FIELDS: Readonly<Record<string, JsonSchema>> = {
  vector: {
    ...values,
    description: "One query, of as many values as the index has dimensions; answered by one answer.",
  },
  vectors: {
    type: "array",
    items: values,
    minItems: 1,
    maxItems: MAX_BATCH,
    description: "Several queries, answered by results in their order, each bit for bit as alone.",
  },
  features: {
    ...features,
    description:
      "One query, as features by id or by name, of an index built with a table of them: the weighted sum of their vectors, each times its position's where order matters (the nearest first).",
  },
  weights: {
    ...weights,
    description: "What each of the features weighs; without, what the index's pooling says.",
  },
  bags: {
    type: "array",
    items: {
      type: "object",
      properties: { features, weights },
      required: ["features"],
      additionalProperties: false,
    },
    minItems: 1,
    maxItems: MAX_BATCH,
    description: "Several queries of features, answered as vectors are.",
  },
  temperature: { description: "The question is about the softmax of score / temperature; 1 where nothing is said." },
  exclude: { ...classes, description: "Classes that take no part, by id or by label." },
  allow: { ...classes, description: "The only classes that take part, by id or by label." },
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
  ids: { ...classes, description: "Classes that are asked for, by id or by label." },
  vectorId: { description: "In place of a vector: the id of a class, whose stored row is the query." },
  topK: { description: "Classes to find." },
  returnValues: { description: "Each match has its stored row; this counts for the work of the request." },
  returnMetadata: {
    description:
      'Each match has metadata: its label for "all" and true, {} for "indexed" and where there are no labels.',
  },
  filter: { description: "Vectorize's filter by metadata: none but the empty one is taken." },
  namespace: { description: "Vectorize's namespaces: refused." },
  count: { description: "Ids in a page." },
  cursor: { description: "The nextCursor of the page before." },
};
