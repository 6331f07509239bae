import * as v from "valibot";
import {
  ALLOW,
  allowed,
  BIAS,
  bias,
  classes,
  DECODE_TEMPERATURE,
  decodeConditions,
  EACH,
  EXCLUDE,
  FILTER,
  FREQUENCY,
  filter,
  HISTORY,
  LOGIT_BIAS,
  logitBias,
  NAMESPACE,
  natural,
  PRESENCE,
  queryConditions,
  REPETITION,
  SPACE,
  TEMPERATURE,
  unknownLabelsIn,
  value,
} from "./condition-fields.ts";
import { DECODE_STEPS } from "./decode-names.ts";
import { MAX_BATCH, MAX_K } from "./limits.ts";
import { LIVE_FIELDS, OWN_LIVE_FIELDS } from "./live-fields.ts";
import type * as liveRequests from "./live-requests.ts";
import * as requests from "./requests.ts";
import type * as routerRequests from "./router-requests.ts";
import { SEQUENCE_FIELDS } from "./sequence-fields.ts";
import type * as sequenceRequests from "./sequence-requests.ts";

// The descriptions of the request fields. The Worker does not import this file, so its bundle has no descriptions.

export interface FieldDescription {
  readonly description: string;
  /**
   * The schema of the value, if the Worker's schema leaves it open: the Worker checks the elements of lists in loops. Or the
   * schema of an object with descriptions.
   */
  readonly value?: v.GenericSchema;
}

const row = v.pipe(v.array(value), v.minLength(1));
const features = v.array(v.union([natural, v.string()]));
const weights = v.array(value);
export const bag = v.strictObject({ features, weights: v.exactOptional(weights) });
const rows = v.pipe(v.array(row), v.minLength(1), v.maxLength(MAX_BATCH));
const bags = v.pipe(v.array(bag), v.minLength(1), v.maxLength(MAX_BATCH));

const steps = v.array(v.picklist(DECODE_STEPS));
const order = v.pipe(steps, v.maxLength(DECODE_STEPS.length), v.metadata({ uniqueItems: true }));

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const diversity = v.strictObject({
  lambda: v.exactOptional(
    v.pipe(
      share,
      v.description(
        "The weight of the score, 0 for the lowest and 1 for the highest of the pool, against the largest cosine with a class chosen before. The default is 0.5.",
      ),
    ),
  ),
  pool: v.exactOptional(
    v.pipe(
      natural,
      v.maxValue(MAX_K),
      v.description("The number of best classes to choose from, at least k. The default is 4 k, and at least 64."),
    ),
  ),
});
const popularity = v.strictObject({
  share: v.pipe(share, v.description("The share of the draws.")),
  power: v.exactOptional(
    v.pipe(
      v.number(),
      v.minValue(0),
      v.maxValue(1024),
      v.description("The power of the popularity, which is e^bias. The default is 1."),
    ),
  ),
});
const mixture = v.strictObject({
  uniform: v.exactOptional(
    v.pipe(
      share,
      v.description("The share of the draws that is uniform over the classes that take part. The default is 0."),
    ),
  ),
  popularity: v.exactOptional(
    v.pipe(popularity, v.description("The draws by popularity. They need an index with biases.")),
  ),
});

type Schemas = typeof requests &
  typeof routerRequests &
  typeof liveRequests & {
    readonly encode: typeof sequenceRequests.encodeSchema;
    readonly sequences: { readonly entries: typeof sequenceRequests.sequenceQueries };
  };
type KeyOfAny<T> = T extends { readonly entries: infer Entries } ? keyof Entries : never;

/** Every field of every request. The compiler refuses a missing field, and one that no schema has. */
export const FIELDS = {
  vector: {
    value: row,
    description: "One query: as many values as the index has dimensions. It gets one answer.",
  },
  vectors: {
    value: rows,
    description:
      "A batch of queries. Their answers are in results, in the same order, each with the bits that a single query gets.",
  },
  features: {
    value: features,
    description:
      "One query as features, by id or by name, for an index that was built with a table of features. The query is the weighted sum of their vectors. If the table has positions, the nearest feature comes first and each vector is multiplied by that of its position.",
  },
  weights: {
    value: weights,
    description: "The weight of each feature. The default follows from the pooling of the index.",
  },
  ...SEQUENCE_FIELDS,
  bags: { value: bags, description: "A batch of queries of features, answered as vectors are." },
  space: { description: SPACE },
  temperature: { description: TEMPERATURE },
  exclude: { value: classes, description: EXCLUDE },
  allow: { value: allowed, description: ALLOW },
  filter: { value: filter, description: FILTER },
  namespace: { description: NAMESPACE },
  bias: {
    value: bias,
    description: `${BIAS} For example {"ids": [17, 3], "values": [2.5, "-Infinity"]}.`,
  },
  history: { value: classes, description: HISTORY },
  repetitionPenalty: { description: REPETITION },
  presencePenalty: { description: PRESENCE },
  frequencyPenalty: { description: FREQUENCY },
  conditions: {
    value: v.pipe(v.array(queryConditions), v.maxLength(MAX_BATCH)),
    description: EACH,
  },
  unknownLabels: { description: unknownLabelsIn("exclude, allow, bias and history") },
  seed: {
    description:
      "The same index, request and seed give the same answer. It is an integer, or its decimal digits for all 64 bits. The default is random, and answers return it: one for each query where classes are drawn.",
  },
  exact: {
    description:
      "Scores all rows, so that the answer is certain. It excludes proposal, scan, targetError and the draws of an estimate.",
  },
  proposal: {
    description:
      'The distribution that draws come from. Both proposals score a head exactly. "buckets", the default, takes the head from the best buckets and quantizes the tail by codewords. "codes" uses the fine codes of all classes for both, and needs an index that was built with them.',
  },
  scan: {
    description:
      'The size of the head: the number of classes that are scored exactly, 1,024 by default. Where the index has more than 65,536 classes, at most 65,536. Estimates also accept "auto", which chooses a head that meets targetError, 0.05 by default, or all rows; without a scan, a flagged estimate may be made again.',
  },
  draws: { description: "The number of draws. An estimate takes them from the tail, 100 by default." },
  targetError: {
    description: "The largest standard error that the answer may have. It excludes proposal, and a number as scan.",
  },
  tolerance: {
    description:
      "The widest upper − lower that the answer may have. The head grows to meet it. The default is no limit.",
  },
  k: { description: "The number of classes to return." },
  diversity: {
    value: diversity,
    description:
      'Chooses the k classes from a pool of the best by maximal marginal relevance, such as {"lambda": 0.7, "pool": 100}. They are in the order of the choices.',
  },
  mixture: {
    value: mixture,
    description:
      'Shares of draws that explore, such as {"uniform": 0.05, "popularity": {"share": 0.1, "power": 0.5}}. logQ is the exact log-probability of the mixture with the proposal.',
  },
  ids: { value: classes, description: "The classes to answer for, by id or by label." },
  vectorId: { description: "The id of a class whose stored row is the query. It replaces vector." },
  topK: { description: "The number of classes to return." },
  returnValues: { description: "Adds the stored row to each match. This counts towards the work of the request." },
  returnMetadata: {
    description:
      'Adds metadata to each match: the values in the columns of the index, and for "all" and true the label too, if the index has labels.',
  },
  allowed_token_ids: { value: allowed, description: ALLOW },
  logit_bias: { value: logitBias, description: LOGIT_BIAS },
  repetition_penalty: { description: REPETITION },
  presence_penalty: { description: PRESENCE },
  frequency_penalty: { description: FREQUENCY },
  unknown_labels: { description: unknownLabelsIn("exclude, allowed_token_ids, logit_bias and history") },
  top_k: {
    description: "Keeps the k best classes, of equal scores the lower ids. 0, the default, keeps all.",
  },
  top_p: {
    description:
      "Keeps the best classes until their probabilities add up to it, greater than 0. Of equal scores the lower ids are kept. The default is 1, which keeps all.",
  },
  min_p: {
    description:
      "Keeps the classes that are at least this many times as probable as the best. The default is 0, which keeps all.",
  },
  order: {
    value: order,
    description:
      'The order of the truncations, each once, and of the temperature. The default is ["temperature", "min_p", "top_k", "top_p"]. A truncation that is given must be in it.',
  },
  certain: {
    description:
      "Decides top_p by the exact log-partition if it comes first, at the cost of a scan of all rows. All numbers of the answer are then exact. It excludes target_error. The default is false.",
  },
  target_error: {
    description:
      "The share of the kept probability that may be in doubt. More rows are read until it is met. It needs a top_p that no other truncation precedes. The default is 0.05.",
  },
  logprobs: {
    description:
      "The number of best classes whose log-probabilities before any truncation are in the answer, as top. The default is no top.",
  },
  partial: {
    description:
      'What a router does if parts are missing: "allow" answers with what is certain about the others, and "refuse", the default, answers with a 503.',
  },
  ...LIVE_FIELDS,
  count: { description: "The number of ids in a page." },
  cursor: { description: "The nextCursor of the previous page." },
} as const satisfies Readonly<
  Record<KeyOfAny<Schemas[keyof Schemas]> | keyof typeof liveRequests.live, FieldDescription>
>;

/** Fields with another meaning in one request than in the others, by their schemas. */
const OWN = new Map<v.GenericSchema, FieldDescription>([
  ...OWN_LIVE_FIELDS,
  [requests.decodeSchema.entries.temperature, { description: DECODE_TEMPERATURE }],
  [
    requests.decodeSchema.entries.conditions,
    { value: v.pipe(v.array(decodeConditions), v.maxLength(MAX_BATCH)), description: EACH },
  ],
]);

const DESCRIPTIONS: Readonly<Record<string, FieldDescription>> = FIELDS;

/** Returns the description of a field of a request by its name and its schema. */
export const descriptionOf = (name: string, schema: v.GenericSchema): FieldDescription | undefined =>
  OWN.get(schema) ?? DESCRIPTIONS[name];
