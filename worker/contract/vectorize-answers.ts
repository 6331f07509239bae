import * as v from "valibot";
import { PROBLEMS, type ProblemCode } from "./problem.ts";

// The schemas of answers in Vectorize's envelope.

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const vectorId = v.pipe(v.string(), v.description("The class, or its label where the index has labels."));
const rowValues = v.pipe(v.array(v.number()), v.description("Its stored row."));
const metadata = v.pipe(
  v.strictObject({ label: v.exactOptional(v.pipe(v.string(), v.description("Label of the class."))) }),
  v.description("The label where the index has labels; none of it is indexed."),
);

export const vectorizeMatch = v.strictObject({
  id: vectorId,
  score: v.pipe(v.number(), v.description("Its exact logit.")),
  values: v.exactOptional(rowValues),
  metadata: v.exactOptional(metadata),
});

export const vectorizeResult = v.strictObject({
  count: v.pipe(count, v.description("Number of the matches.")),
  matches: v.pipe(v.array(vectorizeMatch), v.description("The best first.")),
});

export const vectorizeVectors = v.array(v.strictObject({ id: vectorId, values: rowValues, metadata }));

export const vectorizeDescription = v.strictObject({
  name: v.pipe(v.string(), v.description("The one that was asked for.")),
  config: v.strictObject({
    dimensions: v.pipe(count, v.description("Values of a query.")),
    metric: v.pipe(v.picklist(["dot-product", "cosine"]), v.description("What a score is, before the bias.")),
  }),
});

export const vectorizeList = v.tuple([vectorizeDescription]);

export const vectorizeInfo = v.strictObject({
  dimensions: v.pipe(count, v.description("Values of a query.")),
  vectorCount: v.pipe(count, v.description("Classes.")),
  processedUpToDatetime: v.pipe(v.null(), v.description("An index does not know when it was published.")),
  processedUpToMutation: v.pipe(v.string(), v.description("The version that is served.")),
});

export const vectorizeIds = v.strictObject({
  count: v.pipe(count, v.description("Number of these ids.")),
  totalCount: v.pipe(count, v.description("Number of the ids of the index.")),
  isTruncated: v.pipe(v.boolean(), v.description("There are more behind these.")),
  nextCursor: v.pipe(v.nullable(v.string()), v.description("The cursor of the next page; null for the last one.")),
  cursorExpirationTimestamp: v.pipe(v.null(), v.description("A cursor lasts as long as its version is served.")),
  vectors: v.array(v.strictObject({ id: vectorId })),
});

export const vectorizeMetadataIndexes = v.strictObject({ metadataIndexes: v.pipe(v.array(v.never()), v.maxLength(0)) });

const messages = v.pipe(v.array(v.never()), v.maxLength(0));

export const vectorizeAnswer = <Result extends v.GenericSchema>(result: Result) =>
  v.strictObject({ result, success: v.literal(true), errors: messages, messages });

/** An error as a Vectorize client expects it. */
export const vectorizeError = (codes: readonly ProblemCode[]) =>
  v.strictObject({
    result: v.null(),
    success: v.literal(false),
    errors: v.tuple([
      v.strictObject({
        code: v.picklist(codes.map((code) => PROBLEMS[code].number)),
        message: v.pipe(v.string(), v.description("What is wrong, then the code of problem+json in brackets.")),
      }),
    ]),
    messages,
  });
