import * as v from "valibot";
import { isObject } from "../../src/internal.ts";
import type { Filter } from "../../src/public.ts";
import { DECODE_STEPS, libraryNames, remedyOf } from "./decode-names.ts";
import { DEFAULT_K, DEFAULT_PAGE, DEFAULT_TOP_K, MAX_BATCH, MAX_DRAWS, MAX_K } from "./limits.ts";
import { array, objectMessage, wrong } from "./messages.ts";

// The schemas of all requests, which the Worker checks bodies with. The types of midx/client, openapi.json and the tables
// of docs/service.md follow from them and from the descriptions in fields.ts.

/** Classes as a list, or as a bitmap in base64. */
const allowed = v.custom<readonly unknown[] | { readonly bitmap: string }>(
  isAllowed,
  wrong('an array, or {"bitmap": "<base64>"}'),
);
const text = v.exactOptional(v.string(wrong("a string")));
/** The library checks the columns and the values. */
const columns = {
  filter: v.exactOptional(v.custom<Filter>(isObject, wrong("an object of columns"))),
  namespace: text,
};
const draws = integer(0, MAX_DRAWS);
const k = integer(0, MAX_K);
const share = number(0, 1, "from 0 to 1");
const MAX_INTEGER = 2 ** 31 - 1;
const wrongScan = wrong(`an integer from 0 to ${MAX_INTEGER} or "auto"`);
const MAX_SEED = Number.MAX_SAFE_INTEGER;
/** 64 bits do not fit a JSON number, so a decimal string is accepted too. Answers return the seed as a string. */
const wrongSeed = wrong("an integer below 2^53 or a string of decimal digits");
const decimal = v.pipe(
  v.string(),
  v.regex(/^-?\d{1,40}$/, wrongSeed),
  v.transform((digits: string) => BigInt(digits)),
);

/** The fields that hold queries. A request uses one of them, and weights only with features. */
export const queries = {
  vector: v.exactOptional(array),
  vectors: v.exactOptional(array),
  features: v.exactOptional(array),
  weights: v.exactOptional(array),
  bags: v.exactOptional(array),
};
const penalty = v.exactOptional(number(-(2 ** 20), 2 ** 20, "from -2^20 to 2^20"));
/** A temperature, or a factor. */
const magnitude = number(2 ** -20, 2 ** 20, "from 2^-20 to 2^20");
/** The conditions of the softmax, for all queries of a request. */
const conditions = {
  temperature: v.exactOptional(magnitude),
  exclude: v.exactOptional(array),
  allow: v.exactOptional(allowed),
  ...columns,
  bias: v.exactOptional(v.strictObject({ ids: array, values: array }, partMessage)),
  history: v.exactOptional(array),
  repetitionPenalty: v.exactOptional(magnitude),
  presencePenalty: penalty,
  frequencyPenalty: penalty,
};
const seed = v.exactOptional(v.union([integer(-MAX_SEED, MAX_SEED, wrongSeed), decimal], wrongSeed));
const unknownLabels = v.exactOptional(v.picklist(["refuse", "skip"], wrong('"refuse" or "skip"')));
/** The fields of every endpoint but decode: its queries, and the conditions of the softmax. */
export const common = {
  ...queries,
  space: text,
  ...conditions,
  conditions: v.exactOptional(each(conditions)),
  unknownLabels,
  seed,
  exact: v.exactOptional(v.boolean(wrong("true or false")), false),
};
const atLeastZero = v.exactOptional(number(0, Number.POSITIVE_INFINITY, "of at least 0"));
/** The distribution of the draws. */
const proposals = {
  proposal: v.exactOptional(v.picklist(["buckets", "codes"], wrong('"buckets" or "codes"'))),
};
export const estimate = {
  ...common,
  ...proposals,
  // There are no defaults: beside "exact" the library refuses options that are set, and a default would count as set.
  scan: v.exactOptional(v.union([integer(0, MAX_INTEGER, wrongScan), v.picklist(["auto"])], wrongScan)),
  draws: v.exactOptional(draws),
  targetError: atLeastZero,
};
const sample = { ...common, scan: v.exactOptional(integer(0, MAX_INTEGER)) };

/** Chooses diverse classes from a pool of the best. */
const diversity = v.strictObject({ lambda: v.exactOptional(share), pool: v.exactOptional(k) }, partMessage);
const popularity = v.strictObject({ share, power: v.exactOptional(number(0, 1024, "from 0 to 1024")) }, partMessage);
/** Shares of draws that explore. */
const mixture = v.strictObject(
  { uniform: v.exactOptional(share), popularity: v.exactOptional(popularity) },
  partMessage,
);

export const predictSchema = v.strictObject(
  { ...estimate, k: v.exactOptional(k, DEFAULT_K), diversity: v.exactOptional(diversity) },
  objectMessage,
);
export const logProbabilitySchema = v.strictObject({ ...estimate, ids: array }, objectMessage);
export const logPartitionSchema = v.strictObject({ ...estimate, tolerance: atLeastZero }, objectMessage);
export const sampleSchema = v.strictObject(
  { ...sample, ...proposals, draws, mixture: v.exactOptional(mixture) },
  objectMessage,
);
export const sampleTopKSchema = v.strictObject({ ...sample, k }, objectMessage);
const { seed: _, ...unseeded } = sample;
/** Nothing is drawn, so there is no seed. */
export const slateLogProbabilitySchema = v.strictObject(
  { ...unseeded, proposal: proposals.proposal, ids: array },
  objectMessage,
);

const wrongShare = wrong("a number greater than 0, at most 1");
const wrongTemperature = wrong("0 or a number from 2^-20 to 2^20");
/** The conditions of decode, under the names that decoders have for them. */
const decodeConditions = {
  temperature: v.exactOptional(
    v.union([v.picklist([0]), between(2 ** -20, 2 ** 20, wrongTemperature)], wrongTemperature),
  ),
  exclude: v.exactOptional(array),
  allowed_token_ids: v.exactOptional(allowed),
  ...columns,
  logit_bias: v.exactOptional(v.custom<Readonly<Record<string, unknown>>>(isObject, wrong("an object"))),
  history: v.exactOptional(array),
  repetition_penalty: v.exactOptional(magnitude),
  presence_penalty: penalty,
  frequency_penalty: penalty,
};
const decode = {
  ...queries,
  space: text,
  ...decodeConditions,
  conditions: v.exactOptional(each(decodeConditions, decodeMessage(partMessage))),
  unknown_labels: unknownLabels,
  top_k: v.exactOptional(k),
  top_p: v.exactOptional(v.pipe(v.number(wrongShare), v.gtValue(0, wrongShare), v.maxValue(1, wrongShare))),
  min_p: v.exactOptional(number(0, 1, "from 0 to 1")),
  order: v.exactOptional(
    v.pipe(array, upTo(DECODE_STEPS.length), v.array(v.picklist(DECODE_STEPS, wrong(DECODE_STEPS.join(", "))))),
  ),
  certain: v.exactOptional(v.boolean(wrong("true or false"))),
  target_error: atLeastZero,
  logprobs: v.exactOptional(k),
  seed,
};
/** The output has the names of the library. */
export const decodeSchema = v.pipe(v.strictObject(decode, decodeMessage(objectMessage)), v.transform(libraryNames));

/** Cloudflare Vectorize's query, by a vector or by the id of one. */
export const vectorizeSchema = v.strictObject(
  {
    vector: v.exactOptional(array),
    vectorId: text,
    topK: v.exactOptional(k, DEFAULT_TOP_K),
    returnValues: v.exactOptional(v.boolean(wrong("true or false")), false),
    returnMetadata: v.exactOptional(
      v.union([v.boolean(), v.picklist(["none", "indexed", "all"])], wrong('"none", "indexed", "all", true or false')),
      "none",
    ),
    ...columns,
  },
  objectMessage,
);

/** The ids of Vectorize's get_by_ids. */
export const idsSchema = v.strictObject(
  { ids: v.pipe(v.array(v.string(wrong("a string")), wrong("an array of strings")), v.maxLength(MAX_K, tooMany)) },
  objectMessage,
);

/** The page of Vectorize's list. */
export const listSchema = v.strictObject(
  {
    count: v.exactOptional(integer(1, MAX_K), DEFAULT_PAGE),
    cursor: v.exactOptional(v.string(wrong("the nextCursor of an answer"))),
  },
  objectMessage,
);

/** The fields of a request after the schema has checked them. */
export type FieldsOf<Schema extends v.GenericSchema> = v.InferOutput<Schema>;

export function integer(min: number, max: number, message = wrong(`an integer from ${min} to ${max}`)) {
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

function number(min: number, max: number, range: string) {
  return between(min, max, wrong(`a number ${range}`));
}

function between(min: number, max: number, message: ReturnType<typeof wrong>) {
  return v.pipe(v.number(message), v.minValue(min, message), v.maxValue(max, message));
}

function tooMany({ received }: v.BaseIssue<unknown>): string {
  return `expected at most ${MAX_K} ids, got ${received}`;
}

/** A list of conditions, one for each query. */
function each<Entries extends v.ObjectEntries>(entries: Entries, message = partMessage) {
  const ofObjects = v.custom<readonly unknown[]>(
    (list) => !(list as readonly unknown[]).some(Array.isArray),
    () => "expected an object for each query, got an array", // which has methods under the names of fields
  );
  return v.pipe(array, upTo(MAX_BATCH), ofObjects, v.array(v.strictObject(entries, message)));
}

/** Refuses a longer list before its elements are checked. */
function upTo(most: number) {
  const isShort = (list: unknown): boolean => (list as readonly unknown[]).length <= most;
  return v.custom<readonly unknown[]>(
    isShort,
    ({ input }) => `expected at most ${most} of them, got ${Object(input).length}`,
  );
}

function isAllowed(value: unknown): boolean {
  if (!isObject(value)) return Array.isArray(value);
  const { bitmap, ...others } = value as Readonly<Record<string, unknown>>;
  return typeof bitmap === "string" && Object.keys(others).length === 0;
}

/** The message of the schema of an object in a field. */
function partMessage(issue: v.BaseIssue<unknown>): string {
  return issue.expected === "never" || issue.path ? objectMessage(issue) : wrong("an object")(issue);
}

/** The message of decode, which names the replacement for a field that other decoders have. */
function decodeMessage(otherMessage: (issue: v.BaseIssue<unknown>) => string) {
  return (issue: v.BaseIssue<unknown>): string => {
    const remedy = issue.expected === "never" && remedyOf(String(issue.path?.[0]?.key));
    return remedy ? `is not an option of decode: ${remedy}` : otherMessage(issue);
  };
}
