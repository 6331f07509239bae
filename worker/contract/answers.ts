import * as v from "valibot";
import { count, mutation, version } from "./answer-fields.ts";
import type { ProblemKind, ProblemKinds } from "./problem.ts";

// The schemas of all answers, for the build of openapi.json and for tests. The Worker does not import this file.

export { infoAnswer } from "./info-answer.ts";
export { healthAnswer, readyAnswer } from "./probe-answers.ts";

const requestId = v.pipe(v.string(), v.description("The request id, as in the header x-request-id."));
/** The first fields of every answer. */
export const responseMeta = { version, mutation, requestId };
const scored = v.pipe(count, v.description("The number of rows that were read."));
const seed = v.pipe(v.string(), v.regex(/^\d{1,20}$/), v.description("The seed, modulo 2^64, in decimal digits."));
const ids = v.pipe(
  v.array(count),
  v.description("The classes: their row numbers in the table that the index was built from, from 0."),
);
const labels = v.exactOptional(
  v.pipe(v.array(v.string()), v.description("The labels of the classes, if the index has labels.")),
);
const scores = v.pipe(
  v.array(v.number()),
  v.description("The exact logits of the classes by the stored rows, bias included, as the conditions change them."),
);
const drawSize = v.pipe(
  v.number(),
  v.description("The number of independent exact draws that these draws are worth, by their weights."),
);

export const choice = v.pipe(
  v.strictObject({
    proposal: v.pipe(v.picklist(["buckets", "codes"]), v.description("The proposal that draws come from.")),
    scan: v.pipe(count, v.description("The size of the head, or of all classes that take part if exact is true.")),
    draws: v.pipe(count, v.description("The number of draws: those of the call, or more. 0 if exact is true.")),
    exact: v.pipe(v.boolean(), v.description("True if all rows were scored instead.")),
    headShare: v.exactOptional(
      v.pipe(v.number(), v.description("The share of the proposal's mass in a head of 1,024 classes.")),
    ),
    expectedError: v.pipe(
      v.nullable(v.number()),
      v.description("The expected relative standard error of this choice, or null if it has no bound."),
    ),
    expectedErrorAtDefault: v.exactOptional(
      v.pipe(
        v.nullable(v.number()),
        v.description('The expected relative standard error of the default, scan 1,024 with proposal "buckets".'),
      ),
    ),
  }),
  v.description('The choice of "scan": "auto", or of a second try without "scan", and the measurements behind it.'),
);

export const estimated = {
  logPartition: v.pipe(v.nullable(v.number()), v.description("The estimate of log Z, or null if no class takes part.")),
  standardError: v.pipe(
    v.nullable(v.number()),
    v.description(
      "The standard error of logPartition: 0 if nothing was sampled and rounding is below 0.0005, null if it is unknown.",
    ),
  ),
  effectiveSampleSize: drawSize,
  modelError: v.pipe(
    v.nullable(v.number()),
    v.description(
      "The error that the rows' distances from their codewords predict before any draw, null if infinite. standardError may be less.",
    ),
  ),
  calibrated: v.pipe(
    v.boolean(),
    v.description(
      "True if the error bars are calibrated for this index, and the query lies within what was calibrated.",
    ),
  ),
  headShare: v.pipe(v.number(), v.description("The share of the estimate that was summed exactly, not sampled.")),
  lowEss: v.pipe(
    v.boolean(),
    v.description(
      "True if standardError is above 0.1 and draws had a part in it, or if log-partition moved its estimate into the bounds by more than rounding. On files of format 1.0 also if the draws tell too little about the tail.",
    ),
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
    v.description(
      "Σ f(ids[i]) e^logWeights[i] is an unbiased estimate of Σ f(j) e^(score_j / temperature) over all classes.",
    ),
  ),
  exact: v.pipe(
    v.boolean(),
    v.description("True if the classes are drawn from the softmax itself, false if from the proposal."),
  ),
  scored,
  seed,
});

const standardError = v.pipe(
  v.nullable(v.number()),
  v.description(
    "The standard error of the log-partition behind these numbers: 0 if it is exact, null if it is unknown.",
  ),
);
export const decodeTop = v.strictObject({
  ids: v.pipe(v.array(count), v.description("The best classes before any truncation, best first.")),
  labels,
  logprobs: v.pipe(
    v.array(v.number()),
    v.description("Their log-probabilities at the temperature, or at temperature 1 where decoding is greedy."),
  ),
  logprob: v.pipe(v.number(), v.description("The log-probability of the class that was drawn, before any truncation.")),
  standard_error: standardError,
});
export const decodeAnswer = v.strictObject({
  id: v.pipe(count, v.description("The class that was drawn: its row number, from 0.")),
  label: v.exactOptional(v.pipe(v.string(), v.description("Its label, if the index has labels."))),
  score: v.pipe(v.number(), v.description("Its exact logit by the stored row, as the conditions change it.")),
  logprob: v.pipe(
    v.number(),
    v.description("Its log-probability in the softmax over the kept classes, from which it was drawn."),
  ),
  kept: v.pipe(count, v.description("The number of classes that were kept.")),
  certain: v.pipe(v.boolean(), v.description("True if the kept classes are certainly those of the truncations.")),
  decided: v.pipe(
    v.picklist(["bounds", "estimate", "exact"]),
    v.description(
      "What decided which classes are kept: bounds of all scores, an estimate of the partition, or all rows.",
    ),
  ),
  undecided: v.pipe(count, v.description("The number of classes that 1.96 standard errors leave in doubt.")),
  standard_error: standardError,
  top: v.exactOptional(
    v.pipe(decodeTop, v.description("The best classes before any truncation, if logprobs asks for them.")),
  ),
  scored,
  seed,
});

export const slateLogProbabilityAnswer = v.strictObject({
  logProbability: v.pipe(
    v.nullable(v.number()),
    v.description("The log-probability of the slate, or null if one of its classes takes no part."),
  ),
  logProbabilities: v.pipe(
    v.array(v.nullable(v.number())),
    v.description(
      "The log-probability of each class of the slate among those that are left when it is drawn, or null for a class that takes no part.",
    ),
  ),
  exact: v.pipe(
    v.boolean(),
    v.description("True if the probabilities are those of the softmax itself, false if of the proposal."),
  ),
  scored,
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

/** An error of RFC 9457, of one of several kinds with one status. */
export const problem = (kinds: ProblemKinds) => {
  const codes = Object.keys(kinds);
  const [{ status }] = Object.values(kinds) as [ProblemKind];
  return v.strictObject({
    type: v.pipe(v.picklist(codes.map((code) => `urn:midx:problem:${code}`)), v.description("The code as a URN.")),
    title: v.pipe(v.picklist(Object.values(kinds).map(({ title }) => title)), v.description("The title of this code.")),
    status: v.pipe(v.literal(status), v.description("The HTTP status.")),
    detail: v.pipe(v.string(), v.description("The fault in words: the field, the expected value and the given one.")),
    code: v.pipe(v.picklist(codes), v.description("A stable code for programs.")),
    requestId,
  });
};
