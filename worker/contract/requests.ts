import * as v from "valibot";
import { DEFAULT_K, DEFAULT_PAGE, DEFAULT_TOP_K, MAX_DRAWS, MAX_K } from "./limits.ts";

// The fields of every request: the Worker checks bodies by these schemas. The types of midx/client, openapi.json and the
// tables of docs/service.md follow from them and from fields.ts, which says what each field means.

/** Longest piece of a wrong value that an error repeats, characters. */
const MAX_ECHO = 32;

/** Only that it is an array: loops check the elements (76,800 numbers: 0.3 ms, valibot 64 ms). */
const array = v.custom<readonly unknown[]>(Array.isArray, wrong("an array"));
const draws = integer(0, MAX_DRAWS);
const k = integer(0, MAX_K);
const MAX_INTEGER = 2 ** 31 - 1;
const wrongScan = wrong(`an integer from 0 to ${MAX_INTEGER} or "auto"`);
const MAX_SEED = Number.MAX_SAFE_INTEGER;
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
  seed: v.exactOptional(v.union([integer(-MAX_SEED, MAX_SEED, wrongSeed), decimal], wrongSeed)),
  exact: v.exactOptional(v.boolean(wrong("true or false")), false),
};
const atLeastZero = v.exactOptional(number(0, Number.POSITIVE_INFINITY, "of at least 0"));
const rescore = v.exactOptional(integer(0, MAX_INTEGER));
export const estimate = {
  ...question,
  rescore,
  // No defaults: beside "exact" and the like the library refuses what a request gives, and nothing that it doesn't.
  scan: v.exactOptional(v.union([integer(0, MAX_INTEGER, wrongScan), v.picklist(["auto"])], wrongScan)),
  draws: v.exactOptional(draws),
  targetError: atLeastZero,
};
const sample = { ...question, scan: v.exactOptional(integer(0, MAX_INTEGER)) };

export const predictSchema = v.strictObject({ ...estimate, k: v.exactOptional(k, DEFAULT_K) }, objectMessage);
export const logProbabilitySchema = v.strictObject({ ...estimate, ids: array }, objectMessage);
export const logPartitionSchema = v.strictObject({ ...estimate, tolerance: atLeastZero }, objectMessage);
export const sampleSchema = v.strictObject({ ...sample, rescore, draws }, objectMessage);
export const sampleTopKSchema = v.strictObject({ ...sample, k }, objectMessage);

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
    namespace: v.exactOptional(v.custom<never>(() => false, noNamespaces)),
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
