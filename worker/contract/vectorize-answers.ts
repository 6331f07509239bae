import * as v from "valibot";
import type { ProblemKinds } from "./problem.ts";

// The schemas of answers in Vectorize's envelope.

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const vectorId = v.pipe(v.string(), v.description("The label of the class if the index has labels, otherwise its id."));
const rowValues = v.pipe(v.array(v.number()), v.description("The stored row of the class."));
const metadata = v.pipe(
  v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
  v.description(
    "The values of the class in the columns of the index, and its label as label, if all are wanted and the index has labels.",
  ),
);
const namespace = v.exactOptional(
  v.pipe(v.string(), v.description("The namespace of the class, if it has one and metadata are wanted.")),
);

export const vectorizeMatch = v.strictObject({
  id: vectorId,
  score: v.pipe(v.number(), v.description("The exact logit of the class.")),
  values: v.exactOptional(rowValues),
  metadata: v.exactOptional(metadata),
  namespace,
});

export const vectorizeResult = v.strictObject({
  count: v.pipe(count, v.description("The number of matches.")),
  matches: v.pipe(v.array(vectorizeMatch), v.description("The matches, best first.")),
});

export const vectorizeVector = v.strictObject({ id: vectorId, values: rowValues, metadata, namespace });
export const vectorizeVectors = v.array(vectorizeVector);

export const vectorizeDescription = v.strictObject({
  name: v.pipe(v.string(), v.description("The name that the request gives, or midx in the list.")),
  config: v.strictObject({
    dimensions: v.pipe(count, v.description("The number of values in a query.")),
    metric: v.pipe(v.picklist(["dot-product", "cosine"]), v.description("The kind of score, before the bias.")),
  }),
});

export const vectorizeList = v.tuple([vectorizeDescription]);

export const vectorizeInfo = v.strictObject({
  dimensions: v.pipe(count, v.description("The number of values in a query.")),
  vectorCount: v.pipe(count, v.description("The number of classes.")),
  processedUpToDatetime: v.pipe(v.null(), v.description("null: an index does not record when it was published.")),
  processedUpToMutation: v.pipe(
    v.string(),
    v.description(
      "The version that is served or, where classes change, the number of the last change that answers reflect.",
    ),
  ),
});

export const vectorizeIds = v.strictObject({
  count: v.pipe(count, v.description("The number of ids in this page.")),
  totalCount: v.pipe(count, v.description("The number of ids in the index.")),
  isTruncated: v.pipe(v.boolean(), v.description("More ids follow this page.")),
  nextCursor: v.pipe(v.nullable(v.string()), v.description("The cursor of the next page, or null on the last page.")),
  cursorExpirationTimestamp: v.pipe(
    v.null(),
    v.description("null: a cursor is valid as long as its version is served."),
  ),
  vectors: v.array(v.strictObject({ id: vectorId })),
});

export const vectorizeMetadataIndexes = v.strictObject({
  metadataIndexes: v.array(
    v.strictObject({
      propertyName: v.pipe(v.string(), v.description("The name of a column.")),
      indexType: v.pipe(v.picklist(["string", "number", "boolean"]), v.description("The type of its values.")),
    }),
  ),
});

const messages = v.pipe(v.array(v.never()), v.maxLength(0));

export const vectorizeAnswer = <Result extends v.GenericSchema>(result: Result) =>
  v.strictObject({ result, success: v.literal(true), errors: messages, messages });

/** An error as a Vectorize client expects it. */
export const vectorizeError = (kinds: ProblemKinds) =>
  v.strictObject({
    result: v.null(),
    success: v.literal(false),
    errors: v.tuple([
      v.strictObject({
        code: v.picklist(Object.values(kinds).map(({ number }) => number)),
        message: v.pipe(v.string(), v.description("The fault, then the code of problem+json in brackets.")),
      }),
    ]),
    messages,
  });
