import * as v from "valibot";
import { MAGNITUDE_LIMIT } from "../../src/checks/check.ts";
import { DEFAULT_K, DEFAULT_PAGE, DEFAULT_TOP_K, MAX_BATCH, MAX_DRAWS, MAX_IDS, MAX_K } from "./limits.ts";

// The fields of every request, once: the Worker checks bodies by these schemas; the types of midx/client, openapi.json and
// the tables of docs/service.md follow from them and from FIELDS, which says what a field means and what its list holds.
// The Worker imports no FIELDS, so its bundle has neither a description nor the schema of an element.

/** Longest piece of a wrong value that an error repeats, characters. */
const MAX_ECHO = 32;

/** Only that it is an array: loops check the elements (76,800 numbers: 0.3 ms, valibot 64 ms). */
const array = v.custom<readonly unknown[]>(Array.isArray, wrong("an array"));
const draws = integer(0, MAX_DRAWS);
const k = integer(0, MAX_K);
const MAX_INTEGER = 2 ** 31 - 1;
const wrongScan = wrong(`an integer from 0 to ${MAX_INTEGER} or "auto"`);
/** 64 bits don't fit a JSON number: a decimal string is taken too, and is what answers give back. */
const wrongSeed = wrong("an integer below 2^53 or a string of decimal digits");
const decimal = v.pipe(
  v.string(),
  v.regex(/^-?\d{1,40}$/, wrongSeed),
  v.transform((digits: string) => BigInt(digits)),
);

/** The queries of a question, of which it has one kind. */
export const queries = {
  vector: v.exactOptional(array),
  vectors: v.exactOptional(array),
  features: v.exactOptional(array),
  weights: v.exactOptional(array),
  bags: v.exactOptional(array),
};
/** The fields of every question: its queries, and the distribution that they are asked of. */
export const question = {
  ...queries,
  temperature: v.exactOptional(number(2 ** -20, 2 ** 20, "from 2^-20 to 2^20")),
  exclude: v.exactOptional(array),
  allow: v.exactOptional(array),
  seed: v.exactOptional(v.union([v.pipe(v.number(), v.safeInteger(wrongSeed)), decimal], wrongSeed)),
  exact: v.exactOptional(v.boolean(wrong("true or false")), false),
};
const atLeastZero = v.exactOptional(number(0, Number.POSITIVE_INFINITY, "of at least 0"));
const rescore = v.exactOptional(integer(0, MAX_INTEGER));
export const estimate = {
  ...question,
  rescore,
  // No defaults: beside "exact" and the like the library refuses what a request gives, and nothing that it doesn't.
  scan: v.exactOptional(v.union([integer(0, MAX_INTEGER, wrongScan), v.literal("auto")], wrongScan)),
  draws: v.exactOptional(draws),
  targetError: atLeastZero,
};
const sample = { ...question, scan: v.exactOptional(integer(0, MAX_INTEGER)) };

export const predictSchema = v.strictObject({ ...estimate, k: v.exactOptional(k, DEFAULT_K) }, objectMessage);
export const logprobSchema = v.strictObject({ ...estimate, ids: array }, objectMessage);
export const logzSchema = v.strictObject({ ...estimate, tolerance: atLeastZero }, objectMessage);
export const sampleSchema = v.strictObject({ ...sample, rescore, draws }, objectMessage);
export const sampleTopSchema = v.strictObject({ ...sample, k }, objectMessage);

const noMetadata =
  'is not supported: an index has no metadata to filter by; "allow" and "exclude" of /v1/predict name classes';
const noNamespaces = "is not supported: an index has no namespaces; publish one index for each";

/** Cloudflare Vectorize's query, with a vector or the id of one. */
export const vectorizeSchema = v.strictObject(
  {
    vector: v.exactOptional(array),
    vectorId: v.exactOptional(v.string(wrong("a string"))),
    topK: v.exactOptional(k, DEFAULT_TOP_K),
    returnValues: v.exactOptional(v.boolean(wrong("true or false")), false),
    returnMetadata: v.exactOptional(
      v.union([v.boolean(), v.picklist(["none", "indexed", "all"])], wrong('"none", "indexed", "all", true or false')),
      "none",
    ),
    filter: v.exactOptional(v.strictObject({}, noMetadata)),
    namespace: v.exactOptional(v.never(noNamespaces)),
  },
  objectMessage,
);

/** Vectorize's ids of vectors. */
export const idsSchema = v.strictObject(
  { ids: v.pipe(v.array(v.string(wrong("a string")), wrong("an array of strings")), v.maxLength(MAX_K, tooMany)) },
  objectMessage,
);

/** Which page of ids is wanted. */
export const listSchema = v.strictObject(
  {
    count: v.exactOptional(integer(1, MAX_K), DEFAULT_PAGE),
    cursor: v.exactOptional(v.string(wrong("the nextCursor of an answer"))),
  },
  objectMessage,
);

/** A request's fields as the Worker has them once they are checked. */
export type FieldsOf<Schema extends v.GenericSchema> = v.InferOutput<Schema>;

function integer(min: number, max: number, message = wrong(`an integer from ${min} to ${max}`)) {
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

function number(min: number, max: number, range: string) {
  const message = wrong(`a number ${range}`);
  return v.pipe(v.number(message), v.minValue(min, message), v.maxValue(max, message));
}

function wrong(expected: string) {
  return (issue: v.BaseIssue<unknown>): string => `expected ${expected}, got ${issue.received.slice(0, MAX_ECHO)}`;
}

function tooMany({ received }: v.BaseIssue<unknown>): string {
  return `expected at most ${MAX_K} ids, got ${received}`;
}

/** The one message of an object schema: for the body itself, for a missing field and for an unknown one. */
function objectMessage(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === "never") return "is not a field of this request";
  if (issue.path) return "is required";
  return `body ${wrong("a JSON object")(issue)}`;
}

/** What a field means and, for one that the Worker only knows to be a list and looks at in loops, what is in it. */
export interface Meaning {
  readonly description: string;
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

type Entries = (
  | typeof predictSchema
  | typeof logprobSchema
  | typeof logzSchema
  | typeof sampleSchema
  | typeof sampleTopSchema
)["entries"];
type VectorizeEntries = (typeof vectorizeSchema | typeof idsSchema | typeof listSchema)["entries"];
type KeyOfAny<T> = T extends unknown ? keyof T : never;

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
  namespace: { description: "Vectorize's namespaces: refused." },
  count: { description: "Ids in a page." },
  cursor: { description: "The nextCursor of the page before." },
} as const satisfies Readonly<Record<KeyOfAny<Entries | VectorizeEntries>, Meaning>>;
