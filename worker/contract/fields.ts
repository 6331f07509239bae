import * as v from "valibot";
import { MAGNITUDE_LIMIT } from "../../src/internal.ts";
import { DECODE_STEPS } from "./decode-names.ts";
import { MAX_BATCH, MAX_IDS } from "./limits.ts";
import * as requests from "./requests.ts";

// The descriptions of the request fields. The Worker does not import this file, so its bundle has no descriptions.

export interface FieldDescription {
  readonly description: string;
  /** The field was renamed. It still works in this minor version. */
  readonly deprecated?: boolean;
  /**
   * The schema of the value, if the Worker's schema leaves it open: the Worker checks the elements of lists in loops. Or the
   * schema of an object with descriptions.
   */
  readonly value?: v.GenericSchema;
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

/** JSON has no −∞, which the client writes as this. */
const ban = v.literal("-Infinity");
const bias = v.strictObject({
  ids: v.pipe(classes, v.description("The classes, by id or by label, each once.")),
  values: v.pipe(
    v.array(v.union([value, ban])),
    v.description('The number for each of the ids, or "-Infinity" to ban the class.'),
  ),
});
const TEMPERATURE = "Probabilities are the softmax of score / temperature. The default is 1.";
const EXCLUDE = "Classes that take no part, by id or by label. The default is none.";
const ALLOW = "The only classes that take part, by id or by label. The default is all.";
const HISTORY = "The classes that were seen, by id or by label, with repetitions. The three penalties are about them.";
const REPETITION =
  "A positive logit of a class in history is divided by it, and another is multiplied by it. The default is 1.";
const PRESENCE = "It is subtracted from the logit of every class in history. The default is 0.";
const FREQUENCY = "It is subtracted from the logit of a class as often as history has it. The default is 0.";
const EACH = "The conditions of each query of a batch, in order. Conditions beside them, for all queries, are refused.";
const penalty = v.pipe(v.number(), v.minValue(-(2 ** 20)), v.maxValue(2 ** 20));
const repetition = v.pipe(v.number(), v.minValue(2 ** -20), v.maxValue(2 ** 20));
const temperature = v.pipe(v.number(), v.minValue(2 ** -20), v.maxValue(2 ** 20));

const BIAS = "Numbers to add to the logits of classes, before the temperature.";
/** The conditions of one query. */
export const queryConditions = v.strictObject({
  temperature: v.exactOptional(v.pipe(temperature, v.description(TEMPERATURE))),
  exclude: v.exactOptional(v.pipe(classes, v.description(EXCLUDE))),
  allow: v.exactOptional(v.pipe(classes, v.description(ALLOW))),
  bias: v.exactOptional(v.pipe(bias, v.description(BIAS))),
  history: v.exactOptional(v.pipe(classes, v.description(HISTORY))),
  repetitionPenalty: v.exactOptional(v.pipe(repetition, v.description(REPETITION))),
  presencePenalty: v.exactOptional(v.pipe(penalty, v.description(PRESENCE))),
  frequencyPenalty: v.exactOptional(v.pipe(penalty, v.description(FREQUENCY))),
});

const DECODE_TEMPERATURE =
  "Probabilities are the softmax of score / temperature. 0 is greedy: the class with the largest score. The default is 1.";
const LOGIT_BIAS =
  'Numbers to add to the logits of classes, before the temperature, such as {"17": 2.5, "3": "-Infinity"}. "-Infinity" bans the class. A key of digits is an id, and any other key is a label.';
const logitBias = v.record(v.string(), v.union([value, ban]));
/** The conditions of one query of decode. */
export const decodeConditions = v.strictObject({
  temperature: v.exactOptional(v.pipe(v.union([v.literal(0), temperature]), v.description(DECODE_TEMPERATURE))),
  exclude: v.exactOptional(v.pipe(classes, v.description(EXCLUDE))),
  allowed_token_ids: v.exactOptional(v.pipe(classes, v.description(ALLOW))),
  logit_bias: v.exactOptional(v.pipe(logitBias, v.description(LOGIT_BIAS))),
  history: v.exactOptional(v.pipe(classes, v.description(HISTORY))),
  repetition_penalty: v.exactOptional(v.pipe(repetition, v.description(REPETITION))),
  presence_penalty: v.exactOptional(v.pipe(penalty, v.description(PRESENCE))),
  frequency_penalty: v.exactOptional(v.pipe(penalty, v.description(FREQUENCY))),
});
const order = v.pipe(v.array(v.picklist(DECODE_STEPS)), v.maxLength(DECODE_STEPS.length));

type Schemas = typeof requests;
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
  bags: { value: bags, description: "A batch of queries of features, answered as vectors are." },
  temperature: { description: TEMPERATURE },
  exclude: { value: classes, description: EXCLUDE },
  allow: { value: classes, description: ALLOW },
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
  seed: {
    description:
      "The same index, request and seed give the same answer. It is an integer, or its decimal digits for all 64 bits. The default is random, and answers return it.",
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
      'The size of the head: the number of classes that are scored exactly, 1,024 by default. For estimates, "auto" chooses the proposal and the smallest head that meets targetError.',
  },
  rescore: {
    deprecated: true,
    description: 'Deprecated: n stands for "proposal": "codes" and "scan": n, and is refused beside them.',
  },
  draws: { description: "The number of draws. An estimate takes them from the tail behind the head, 100 by default." },
  targetError: {
    description:
      'The relative standard error of the partition that "scan": "auto" works towards, refused without it. The default is 0.05.',
  },
  tolerance: {
    description:
      "The widest upper − lower that the answer may have. The head grows to meet it. The default is no limit.",
  },
  k: { description: "The number of classes to return." },
  ids: { value: classes, description: "The classes to answer for, by id or by label." },
  vectorId: { description: "The id of a class whose stored row is the query. It replaces vector." },
  topK: { description: "The number of classes to return." },
  returnValues: { description: "Adds the stored row to each match. This counts towards the work of the request." },
  returnMetadata: {
    description:
      'Adds metadata to each match: the label for "all" and true, {} for "indexed" and for an index without labels.',
  },
  filter: { description: "Vectorize's filter by metadata. Only the empty filter is accepted." },
  namespace: { value: v.never(), description: "Vectorize's namespace. Every value is refused." },
  allowed_token_ids: { value: classes, description: ALLOW },
  logit_bias: { value: logitBias, description: LOGIT_BIAS },
  repetition_penalty: { description: REPETITION },
  presence_penalty: { description: PRESENCE },
  frequency_penalty: { description: FREQUENCY },
  top_k: {
    description: "Keeps the k best classes, of equal scores the lower ids. 0, the default, keeps all.",
  },
  top_p: {
    description:
      "Keeps the best classes up to the one with which their probability reaches it, greater than 0. Of equal scores the lower ids are kept. The default is 1, which keeps all.",
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
      "Takes top_p of the exact partition where it comes first, at the cost of a scan of all rows. All numbers of the answer are then exact. The default is false.",
  },
  target_error: {
    description:
      "Where top_p comes first, the share of the kept probability that may be in doubt. More rows are read until it is met. The default is 0.05.",
  },
  logprobs: {
    description:
      "The number of best classes whose log-probabilities before any truncation are in the answer, as top. The default is no top.",
  },
  count: { description: "The number of ids in a page." },
  cursor: { description: "The nextCursor of the previous page." },
} as const satisfies Readonly<Record<KeyOfAny<Schemas[keyof Schemas]>, FieldDescription>>;

/** Fields that are something else in one request than in the others, by their schemas. */
const OWN = new Map<v.GenericSchema, FieldDescription>([
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
