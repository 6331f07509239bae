import * as v from "valibot";
import { PROBLEMS, type ProblemCode } from "./problem.ts";

// The answers as schemas, each field with what it means: for openapi.json when it is built, and for tests. The Worker has
// no part of it.

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const version = v.pipe(
  v.string(),
  v.description("Version of the index that answered: the published one, or that of its content."),
);
const requestId = v.pipe(v.string(), v.description("As in the header x-request-id."));
/** Before every answer. */
export const said = { version, requestId };
const scored = v.pipe(count, v.description("Rows read."));
const seed = v.pipe(v.string(), v.regex(/^\d{1,20}$/), v.description("The seed, modulo 2^64, in decimal digits."));
const contentId = v.pipe(v.string(), v.description("SHA-256 of the file's header, which holds its checksums; hex."));
const ids = v.pipe(v.array(count), v.description("Classes: rows of the table that the index was built from."));
const labels = v.exactOptional(v.pipe(v.array(v.string()), v.description("Their names, where the index has labels.")));
const scores = v.pipe(v.array(v.number()), v.description("Their exact logits of the stored rows, bias included."));
const drawSize = v.pipe(
  v.number(),
  v.description("Independent exact draws that these would be worth, by their weights."),
);

export const choice = v.pipe(
  v.strictObject({
    scan: v.pipe(count, v.description("The head budget that was taken; 0 with rescore.")),
    rescore: v.exactOptional(v.pipe(count, v.description("Head by fine codes, of so many classes."))),
    exact: v.pipe(v.boolean(), v.description("All rows were scored instead.")),
    headShare: v.pipe(v.number(), v.description("Share of the proposal's mass that a head of 1,024 classes has.")),
    expectedError: v.pipe(
      v.nullable(v.number()),
      v.description("Relative standard error expected of what was taken; null for one without bound."),
    ),
    expectedErrorAtFirst: v.pipe(v.nullable(v.number()), v.description("The same of a head of 1,024 classes.")),
  }),
  v.description('What "scan": "auto" took, and what it went by.'),
);

export const estimated = {
  logPartition: v.pipe(v.nullable(v.number()), v.description("Estimated log Z; null where no class takes part.")),
  standardError: v.pipe(
    v.nullable(v.number()),
    v.description("Standard error of logPartition; 0 where nothing was sampled, null where it can't be told."),
  ),
  effectiveSampleSize: v.pipe(v.number(), v.description("Independent exact draws that the draws would be worth.")),
  headShare: v.pipe(v.number(), v.description("Share of the estimate that was summed exactly, not sampled.")),
  lowEss: v.pipe(v.boolean(), v.description("The draws say too little of the tail to trust standardError.")),
  scored,
  seed,
  choice: v.exactOptional(choice),
};

export const predictAnswer = v.strictObject({
  ids,
  labels,
  scores,
  probabilities: v.pipe(v.array(v.number()), v.description("e^(score / temperature − logPartition).")),
  exact: v.pipe(v.boolean(), v.description("The classes are certainly the k best of the stored rows.")),
  ...estimated,
});

export const logProbabilityAnswer = v.strictObject({
  logProbabilities: v.pipe(
    v.array(v.nullable(v.number())),
    v.description("score / temperature − logPartition by class asked for; null for one that takes no part."),
  ),
  ...estimated,
});

export const logPartitionAnswer = v.strictObject({
  lower: v.pipe(v.nullable(v.number()), v.description("log Z is certainly at least this; null is −∞.")),
  upper: v.pipe(v.nullable(v.number()), v.description("log Z is certainly at most this; null is −∞.")),
  ...estimated,
});

export const exactDrawsAnswer = v.strictObject({ ids, labels, scores, effectiveSampleSize: drawSize, scored, seed });

export const drawsAnswer = v.strictObject({
  ...exactDrawsAnswer.entries,
  logQ: v.pipe(v.array(v.number()), v.description("Normalised log-probability that each was drawn with.")),
});

export const sampleTopKAnswer = v.strictObject({
  ids,
  labels,
  scores,
  keys: v.pipe(v.array(v.number()), v.description("log mass + Gumbel noise of each, descending.")),
  threshold: v.pipe(
    v.nullable(v.number()),
    v.description("The largest key that is not in the sample; null where all classes are."),
  ),
  logWeights: v.pipe(
    v.array(v.number()),
    v.description("Σ f(ids[i]) e^logWeights[i] is unbiased for Σ f(j) e^(score_j / temperature) over all classes."),
  ),
  exact: v.pipe(v.boolean(), v.description("Drawn from the softmax itself, otherwise from the proposal.")),
  scored,
  seed,
});

/** The answer to one question. */
export type AnswerSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** The answer to one query. */
export const singleOf = <E extends v.ObjectEntries>({ entries }: v.StrictObjectSchema<E, undefined>) =>
  v.strictObject({ ...said, ...entries });

/** The answers to several, in their order. */
export const severalOf = <E extends v.ObjectEntries>(answer: v.StrictObjectSchema<E, undefined>) =>
  v.strictObject({ ...said, results: v.pipe(v.array(answer), v.description("One a query, in order.")) });

/** An error as RFC 9457 says. */
export const problem = (codes: readonly [ProblemCode, ...ProblemCode[]]) =>
  v.strictObject({
    type: v.pipe(v.picklist(codes.map((code) => `urn:midx:problem:${code}`)), v.description("The code, as a URN.")),
    title: v.pipe(v.picklist(codes.map((code) => PROBLEMS[code].title)), v.description("Title of this code.")),
    status: v.pipe(v.literal(PROBLEMS[codes[0]].status), v.description("Status of HTTP.")),
    detail: v.pipe(v.string(), v.description("What is wrong, in words: the field, what it should be and what it is.")),
    code: v.pipe(v.picklist(codes), v.description("What programs should look at; stable.")),
    requestId,
  });

const points = v.array(v.strictObject({ scan: count, rescore: count, recall: v.number() }));

export const infoAnswer = v.strictObject({
  version,
  itemCount: v.pipe(count, v.description("Classes.")),
  dim: v.pipe(count, v.description("Values of a query.")),
  codewordCount: v.pipe(count, v.description("Codewords of each of the two codebooks.")),
  bucketCount: v.pipe(count, v.description("Buckets with at least one class.")),
  largestBucket: v.pipe(count, v.description("Classes of the fullest bucket.")),
  quantizer: v.pipe(v.picklist(["pq", "rq"]), v.description("Product or residual quantization.")),
  rows: v.pipe(v.picklist(["f32", "f16", "i8"]), v.description("How rows are stored; scores are exact for these.")),
  metric: v.pipe(v.picklist(["dot", "cosine"]), v.description("What a score is.")),
  hasBias: v.pipe(v.boolean(), v.description("Scores have biases in them.")),
  hasFineCodes: v.pipe(v.boolean(), v.description("Questions take rescore.")),
  hasLabels: v.pipe(v.boolean(), v.description("Classes have names, which questions take and answers give.")),
  features: v.exactOptional(
    v.pipe(
      v.strictObject({
        featureCount: v.pipe(count, v.description("Features of the table.")),
        positionCount: v.pipe(
          count,
          v.description("The most features of a query, where their order matters; otherwise 0."),
        ),
        pooling: v.pipe(
          v.picklist(["sum", "mean", "sqrtn"]),
          v.description("What each of n features weighs without weights: 1, 1/n or 1/√n."),
        ),
        hasFeatureLabels: v.pipe(v.boolean(), v.description("Features have names.")),
        featureLabelBytes: v.pipe(count, v.description("Bytes of these names.")),
      }),
      v.description("The table that queries are made of, where the index has one: questions take features."),
    ),
  ),
  factory: v.pipe(v.string(), v.description('faiss-like, such as "RQ2x8,SQ8".')),
  contentId,
  formatVersion: v.pipe(v.string(), v.description("Version of the file's format.")),
  builder: v.pipe(v.string(), v.description("What wrote the file.")),
  fileBytes: v.pipe(count, v.description("Bytes of the file.")),
  memoryBytes: v.pipe(count, v.description("Bytes that the loaded index takes.")),
  recallCurves: v.pipe(
    v.array(v.strictObject({ k: count, points })),
    v.description("What top-k by fine codes found for what work, measured by the build."),
  ),
});

export const healthAnswer = v.strictObject({ status: v.pipe(v.literal("ok"), v.description("The isolate runs.")) });

export const readyAnswer = v.strictObject({
  status: v.pipe(
    v.picklist(["ready", "degraded"]),
    v.description("degraded: a newer index is published that can't be served."),
  ),
  version,
  contentId,
  reason: v.exactOptional(
    v.pipe(
      v.strictObject({
        code: v.pipe(v.string(), v.description("Code that a request without an index would be answered with.")),
        detail: v.string(),
      }),
      v.description("Why it can't."),
    ),
  ),
});
