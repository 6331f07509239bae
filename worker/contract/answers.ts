import * as v from "valibot";
import { PROBLEMS, type ProblemCode } from "./problem.ts";

// The schemas of all answers, for the build of openapi.json and for tests. The Worker does not import this file.

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const version = v.pipe(
  v.string(),
  v.description(
    "The version of the index that answered: the name it was published under, otherwise the start of its content id.",
  ),
);
const requestId = v.pipe(v.string(), v.description("The request id, as in the header x-request-id."));
/** The first fields of every answer. */
export const responseMeta = { version, requestId };
const scored = v.pipe(count, v.description("The number of rows that were read."));
const seed = v.pipe(v.string(), v.regex(/^\d{1,20}$/), v.description("The seed, modulo 2^64, in decimal digits."));
const contentId = v.pipe(
  v.string(),
  v.description(
    "SHA-256 of the file's header, in hex. The header holds the checksums of the file, so this identifies every byte.",
  ),
);
const ids = v.pipe(
  v.array(count),
  v.description("The classes: their row numbers in the table that the index was built from, from 0."),
);
const labels = v.exactOptional(
  v.pipe(v.array(v.string()), v.description("The labels of the classes, if the index has labels.")),
);
const scores = v.pipe(
  v.array(v.number()),
  v.description("The exact logits of the classes by the stored rows, bias included."),
);
const drawSize = v.pipe(
  v.number(),
  v.description("The number of independent exact draws that these draws are worth, by their weights."),
);

/** Marks a field under its old name, which answers still have in this minor version. */
const deprecated = <Schema extends v.GenericSchema>(schema: Schema, current: string) =>
  v.pipe(schema, v.description(`Deprecated: ${current}.`), v.metadata({ deprecated: true }));

export const choice = v.pipe(
  v.strictObject({
    proposal: v.pipe(v.picklist(["buckets", "codes"]), v.description("The proposal that draws come from.")),
    scan: v.pipe(count, v.description("The size of the head, or of all classes that take part if exact is true.")),
    exact: v.pipe(v.boolean(), v.description("True if all rows were scored instead.")),
    headShare: v.pipe(v.number(), v.description("The share of the proposal's mass in a head of 1,024 classes.")),
    expectedError: v.pipe(
      v.nullable(v.number()),
      v.description("The expected relative standard error of this choice, or null if it has no bound."),
    ),
    expectedErrorAtDefault: v.pipe(
      v.nullable(v.number()),
      v.description('The expected relative standard error of the default, scan 1,024 with proposal "buckets".'),
    ),
    rescore: v.exactOptional(deprecated(count, 'with proposal "codes", the same as scan')),
    expectedErrorAtFirst: deprecated(v.nullable(v.number()), "the same as expectedErrorAtDefault"),
  }),
  v.description('The choice of "scan": "auto", and the measurements behind it.'),
);

export const estimated = {
  logPartition: v.pipe(v.nullable(v.number()), v.description("The estimate of log Z, or null if no class takes part.")),
  standardError: v.pipe(
    v.nullable(v.number()),
    v.description("The standard error of logPartition: 0 if nothing was sampled, null if it is unknown."),
  ),
  effectiveSampleSize: drawSize,
  headShare: v.pipe(v.number(), v.description("The share of the estimate that was summed exactly, not sampled.")),
  lowEss: v.pipe(
    v.boolean(),
    v.description("True if the draws tell too little about the tail to trust standardError."),
  ),
  scored,
  seed,
  choice: v.exactOptional(choice),
};

export const predictAnswer = v.strictObject({
  ids,
  labels,
  scores,
  probabilities: v.pipe(
    v.array(v.number()),
    v.description("The probabilities: e^(score / temperature − logPartition)."),
  ),
  exact: v.pipe(v.boolean(), v.description("True if the classes are certainly the k best by the stored rows.")),
  ...estimated,
});

export const logProbabilityAnswer = v.strictObject({
  logProbabilities: v.pipe(
    v.array(v.nullable(v.number())),
    v.description("score / temperature − logPartition for each of the ids, or null for a class that takes no part."),
  ),
  ...estimated,
});

export const logPartitionAnswer = v.strictObject({
  lower: v.pipe(v.nullable(v.number()), v.description("log Z is certainly at least this. null stands for −∞.")),
  upper: v.pipe(v.nullable(v.number()), v.description("log Z is certainly at most this. null stands for −∞.")),
  ...estimated,
});

export const exactDrawsAnswer = v.strictObject({ ids, labels, scores, effectiveSampleSize: drawSize, scored, seed });

export const drawsAnswer = v.strictObject({
  ...exactDrawsAnswer.entries,
  logQ: v.pipe(
    v.array(v.number()),
    v.description("log Q: the normalised log-probability with which each class is drawn."),
  ),
});

export const sampleTopKAnswer = v.strictObject({
  ids,
  labels,
  scores,
  keys: v.pipe(
    v.array(v.number()),
    v.description("The log mass plus Gumbel noise of each class, in descending order."),
  ),
  threshold: v.pipe(
    v.nullable(v.number()),
    v.description("The largest key outside the sample, or null if the sample has all classes."),
  ),
  logWeights: v.pipe(
    v.array(v.number()),
    v.description("Σ f(ids[i]) e^logWeights[i] is unbiased for Σ f(j) e^(score_j / temperature) over all classes."),
  ),
  exact: v.pipe(
    v.boolean(),
    v.description("True if the classes are drawn from the softmax itself, false if from the proposal."),
  ),
  scored,
  seed,
});

/** The schema of an answer to one query, without version and request id. */
export type AnswerSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** The response to one query. */
export const singleAnswerOf = <E extends v.ObjectEntries>({ entries }: v.StrictObjectSchema<E, undefined>) =>
  v.strictObject({ ...responseMeta, ...entries });

/** The response to a batch. */
export const batchAnswerOf = <E extends v.ObjectEntries>(answer: v.StrictObjectSchema<E, undefined>) =>
  v.strictObject({
    ...responseMeta,
    results: v.pipe(v.array(answer), v.description("One answer for each query, in order.")),
  });

/** An error of RFC 9457. */
export const problem = (codes: readonly [ProblemCode, ...ProblemCode[]]) =>
  v.strictObject({
    type: v.pipe(v.picklist(codes.map((code) => `urn:midx:problem:${code}`)), v.description("The code as a URN.")),
    title: v.pipe(v.picklist(codes.map((code) => PROBLEMS[code].title)), v.description("The title of this code.")),
    status: v.pipe(v.literal(PROBLEMS[codes[0]].status), v.description("The HTTP status.")),
    detail: v.pipe(v.string(), v.description("The fault in words: the field, the expected value and the given one.")),
    code: v.pipe(v.picklist(codes), v.description("A stable code for programs.")),
    requestId,
  });

const rowType = v.picklist(["f32", "f16", "i8"]);
const points = v.array(
  v.strictObject({
    scan: v.pipe(count, v.description("The number of rows whose fine codes are read.")),
    rescore: v.pipe(count, v.description("The number of rows that are scored exactly.")),
    recall: v.pipe(v.number(), v.description("The share of the k best classes that topK finds.")),
  }),
);

export const infoAnswer = v.strictObject({
  version,
  itemCount: v.pipe(count, v.description("The number of classes.")),
  dim: v.pipe(count, v.description("The number of values in a query.")),
  codewordCount: v.pipe(count, v.description("The number of codewords in each of the two codebooks.")),
  bucketCount: v.pipe(count, v.description("The number of buckets with at least one class.")),
  largestBucket: v.pipe(count, v.description("The number of classes in the fullest bucket.")),
  quantizer: v.pipe(v.picklist(["pq", "rq"]), v.description("Product (pq) or residual (rq) quantization.")),
  rowType: v.pipe(rowType, v.description("The type of the stored rows. Scores are exact for the stored rows.")),
  rows: deprecated(rowType, "the same as rowType"),
  metric: v.pipe(v.picklist(["dot", "cosine"]), v.description("The kind of score: the inner product, or the cosine.")),
  hasBias: v.pipe(v.boolean(), v.description("True if scores include biases.")),
  hasFineCodes: v.pipe(
    v.boolean(),
    v.description('True if the index has fine codes, so that requests accept proposal "codes".'),
  ),
  hasLabels: v.pipe(
    v.boolean(),
    v.description("True if the classes have labels. Requests then accept them, and answers return them."),
  ),
  features: v.exactOptional(
    v.pipe(
      v.strictObject({
        featureCount: v.pipe(count, v.description("The number of features in the table.")),
        positionCount: v.pipe(
          count,
          v.description("The most features in a query if their order matters, otherwise 0."),
        ),
        pooling: v.pipe(
          v.picklist(["sum", "mean", "sqrtn"]),
          v.description("The default weight of each of n features: 1 (sum), 1/n (mean) or 1/√n (sqrtn)."),
        ),
        hasFeatureLabels: v.pipe(v.boolean(), v.description("True if the features have names.")),
        featureLabelBytes: v.pipe(count, v.description("The size of these names in bytes.")),
      }),
      v.description("The table that queries are encoded with. An index that has it accepts features."),
    ),
  ),
  factory: v.pipe(v.string(), v.description('The structure of the index in the style of faiss, such as "RQ2x8,SQ8".')),
  contentId,
  formatVersion: v.pipe(v.string(), v.description("The version of the file format.")),
  builder: v.pipe(v.string(), v.description("The program that wrote the file.")),
  fileBytes: v.pipe(count, v.description("The size of the file in bytes.")),
  memoryBytes: v.pipe(count, v.description("The memory of the loaded index in bytes.")),
  recallCurves: v.pipe(
    v.array(
      v.strictObject({
        k: v.pipe(count, v.description("The k of topK.")),
        points: v.pipe(points, v.description("The measurements. The list is empty if the build made none.")),
      }),
    ),
    v.description("The recall of topK by fine codes against the work it takes, measured by the build."),
  ),
});

export const healthAnswer = v.strictObject({ status: v.pipe(v.literal("ok"), v.description("The isolate runs.")) });

export const readyAnswer = v.strictObject({
  status: v.pipe(
    v.picklist(["ready", "degraded"]),
    v.description("ready, or degraded: a newer index is published and cannot be served."),
  ),
  version,
  contentId,
  reason: v.exactOptional(
    v.pipe(
      v.strictObject({
        code: v.pipe(v.string(), v.description("The error code that a request would get without an index.")),
        detail: v.pipe(v.string(), v.description("The reason in words.")),
      }),
      v.description("The reason why the newer index cannot be served."),
    ),
  ),
});
