import * as v from "valibot";
import { MAGNITUDE_LIMIT } from "../../src/internal.ts";
import { MAX_IDS } from "./limits.ts";

// The schemas and the descriptions of conditions, which requests have for all queries or for each. The Worker does not
// import this file.

export const natural = v.pipe(v.number(), v.integer(), v.minValue(0));
export const value = v.pipe(v.number(), v.minValue(-MAGNITUDE_LIMIT), v.maxValue(MAGNITUDE_LIMIT));
export const className = v.union([natural, v.string()]);
export const classes = v.pipe(v.array(className), v.maxLength(MAX_IDS));

/** The allowed classes: by id or by label, or as bits. */
export const allowed = v.union([
  classes,
  v.strictObject({
    bitmap: v.pipe(
      v.string(),
      v.base64(),
      v.description("⌈N / 8⌉ bytes in base64. Class i is bit i % 8 of byte ⌊i / 8⌋, and bit 0 is the lowest."),
    ),
  }),
]);

const scalar = v.union([v.string(), v.number(), v.boolean(), v.null()]);
const scalars = v.array(scalar);
const bound = v.union([v.string(), v.number()]);
/** A filter, in the form of Vectorize's. */
export const filter = v.record(
  v.string(),
  v.union([
    scalar,
    v.strictObject({
      $eq: v.exactOptional(v.pipe(scalar, v.description("Equal to this; null stands for no value."))),
      $ne: v.exactOptional(v.pipe(scalar, v.description("Not equal to this. Classes without a value pass."))),
      $in: v.exactOptional(v.pipe(scalars, v.description("One of these."))),
      $nin: v.exactOptional(v.pipe(scalars, v.description("None of these. Classes without a value pass."))),
      $lt: v.exactOptional(
        v.pipe(bound, v.description("Less than this; strings are compared by their bytes in UTF-8.")),
      ),
      $lte: v.exactOptional(v.pipe(bound, v.description("At most this."))),
      $gt: v.exactOptional(v.pipe(bound, v.description("Greater than this."))),
      $gte: v.exactOptional(v.pipe(bound, v.description("At least this."))),
    }),
  ]),
);

/** JSON has no −∞, which the client writes as this. */
const ban = v.literal("-Infinity");
export const bias = v.strictObject({
  ids: v.pipe(classes, v.description("The classes, by id or by label, each once.")),
  values: v.pipe(
    v.array(v.union([value, ban])),
    v.description('The number for each of the ids, or "-Infinity" to ban the class.'),
  ),
});
export const TEMPERATURE = "Probabilities are the softmax of score / temperature. The default is 1.";
export const EXCLUDE = "Classes that take no part, by id or by label. The default is none.";
export const ALLOW =
  'The only classes that take part, by id or by label, or as a bitmap such as {"bitmap": "<base64>"} of any number of classes. The default is all.';
export const FILTER =
  'A condition on the values in columns, which a class must meet to take part, such as {"category": "shoes", "price": {"$lt": 80}}. It has the form of Vectorize\'s filters and at most 2,047 bytes. A column has a value, one operator, or a lower and an upper bound. The default is none.';
export const NAMESPACE = "The namespace of the classes that take part. The default is any.";
export const HISTORY =
  "The classes that were seen, by id or by label, with repetitions. The three penalties apply to them.";
export const REPETITION =
  "A positive logit of a class in history is divided by it, and any other logit is multiplied by it. The default is 1.";
export const PRESENCE = "It is subtracted from the logit of every class in history. The default is 0.";
export const FREQUENCY =
  "It is subtracted from the logit of a class once for each time that history has the class. The default is 0.";
export const SPACE =
  "The name of the space of the queries: the model that makes them. An index of another space refuses them. If the index has no name for its space, nothing is compared.";
/** Describes the treatment of unknown labels, by the names that the fields with labels have in a request. */
export const unknownLabelsIn = (fields: string): string =>
  `What happens to labels in ${fields} that the index does not have, such as those of items that were removed since somebody saw them. "skip" ignores them. "refuse", the default, answers with a 400 that names the place of the first one.`;
export const EACH =
  "The conditions of each query of a batch, in order. They cannot be combined with conditions for all queries.";
const penalty = v.pipe(v.number(), v.minValue(-(2 ** 20)), v.maxValue(2 ** 20));
const repetition = v.pipe(v.number(), v.minValue(2 ** -20), v.maxValue(2 ** 20));
const temperature = v.pipe(v.number(), v.minValue(2 ** -20), v.maxValue(2 ** 20));

export const BIAS = "Numbers to add to the logits of classes, before the temperature.";
/** The conditions of one query. */
export const queryConditions = v.strictObject({
  temperature: v.exactOptional(v.pipe(temperature, v.description(TEMPERATURE))),
  exclude: v.exactOptional(v.pipe(classes, v.description(EXCLUDE))),
  allow: v.exactOptional(v.pipe(allowed, v.description(ALLOW))),
  filter: v.exactOptional(v.pipe(filter, v.description(FILTER))),
  namespace: v.exactOptional(v.pipe(v.string(), v.description(NAMESPACE))),
  bias: v.exactOptional(v.pipe(bias, v.description(BIAS))),
  history: v.exactOptional(v.pipe(classes, v.description(HISTORY))),
  repetitionPenalty: v.exactOptional(v.pipe(repetition, v.description(REPETITION))),
  presencePenalty: v.exactOptional(v.pipe(penalty, v.description(PRESENCE))),
  frequencyPenalty: v.exactOptional(v.pipe(penalty, v.description(FREQUENCY))),
});

export const DECODE_TEMPERATURE =
  "Probabilities are the softmax of score / temperature. 0 is greedy: the class with the largest score. The default is 1.";
export const LOGIT_BIAS =
  'Numbers to add to the logits of classes, before the temperature, such as {"17": 2.5, "3": "-Infinity"}. "-Infinity" bans the class. A key of up to 10 digits without leading zeros is an id, and any other key is a label.';
export const logitBias = v.record(v.string(), v.union([value, ban]));
/** The conditions of one query of decode. */
export const decodeConditions = v.strictObject({
  temperature: v.exactOptional(v.pipe(v.union([v.literal(0), temperature]), v.description(DECODE_TEMPERATURE))),
  exclude: v.exactOptional(v.pipe(classes, v.description(EXCLUDE))),
  allowed_token_ids: v.exactOptional(v.pipe(allowed, v.description(ALLOW))),
  filter: v.exactOptional(v.pipe(filter, v.description(FILTER))),
  namespace: v.exactOptional(v.pipe(v.string(), v.description(NAMESPACE))),
  logit_bias: v.exactOptional(v.pipe(logitBias, v.description(LOGIT_BIAS))),
  history: v.exactOptional(v.pipe(classes, v.description(HISTORY))),
  repetition_penalty: v.exactOptional(v.pipe(repetition, v.description(REPETITION))),
  presence_penalty: v.exactOptional(v.pipe(penalty, v.description(PRESENCE))),
  frequency_penalty: v.exactOptional(v.pipe(penalty, v.description(FREQUENCY))),
});
