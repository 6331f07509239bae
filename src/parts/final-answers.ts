import type {
  ClassProbabilities,
  DistinctDraws,
  Draws,
  Estimated,
  ExactDraws,
  LogPartitionAnswer,
  Prediction,
  SlateProbability,
  TopK,
} from "../answers/answers.ts";
import { withNamed } from "../answers/known-mass.ts";
import { logWeights } from "../answers/log-weights.ts";
import { exp64, log64 } from "../arithmetic/exp-log.ts";
import { logPartitionFields } from "./log-partition-fields.ts";
import type { PartialAnswer } from "./partial-answer.ts";
import { inverseTemperatureOf, type Question } from "./question.ts";
import { slateLogProbabilities } from "./slates.ts";

// The answers of calls, from the answer of all parts. The arithmetic is that of answers/, so that one part alone answers with
// the bits of its index.

/** Returns a piece of an answer. RangeError if it answers another call. */
function pieceOf<Name extends keyof PartialAnswer>(
  answer: PartialAnswer,
  name: Name,
): NonNullable<PartialAnswer[Name]> {
  const piece = answer[name];
  if (piece === undefined) throw new RangeError(`"answer" expected "${name}", got an answer to ${answer.call}`);
  return piece;
}

const seedOf = ({ options }: Question): bigint => options.seed ?? 0n;

/**
 * Makes the answer of `topK`.
 *
 * @param answer the answer of all parts
 * @returns the answer of `topK`, as of one index
 *
 * @example
 * const question: Question = { call: "topK", query, size: 3, ids: new Int32Array(0), options: { exact: true } };
 * const { ids, scores } = topKOf(await partOf(index).answer(question));
 */
export function topKOf(answer: PartialAnswer): TopK {
  const { ids, scores, exact } = pieceOf(answer, "top");
  return { ids, scores, exact, scored: answer.scored };
}

/** The fields that answers with an estimate share. */
function estimatedOf(question: Question, answer: PartialAnswer): Estimated {
  const estimate = pieceOf(answer, "estimate");
  return {
    ...logPartitionFields(estimate),
    scored: answer.scored,
    seed: seedOf(question),
    ...(estimate.choice && { choice: estimate.choice }),
  };
}

/**
 * Makes the answer of `predict`.
 *
 * @param question the question to all parts
 * @param answer their answer
 * @returns the answer of `predict`, as of one index
 *
 * @example
 * const question: Question = { call: "predict", query, size: 3, ids: new Int32Array(0), options: { seed: 1n } };
 * const { ids, probabilities } = predictionOf(question, await partOf(index).answer(question));
 */
export function predictionOf(question: Question, answer: PartialAnswer): Prediction {
  const estimated = estimatedOf(question, answer);
  const inverse = inverseTemperatureOf(question.options);
  const top = topKOf(answer);
  const probabilities = Float64Array.from(top.scores, (score) => exp64(score * inverse - estimated.logPartition));
  return { ...top, probabilities, ...estimated };
}

/**
 * Makes the answer of `logPartition`.
 *
 * @param question the question to all parts
 * @param answer their answer
 * @returns the answer of `logPartition`, as of one index
 *
 * @example
 * const question: Question = { call: "logPartition", query, size: 0, ids: new Int32Array(0), options: { exact: true } };
 * const { logPartition, lower, upper } = logPartitionOf(question, await partOf(index).answer(question));
 */
export function logPartitionOf(question: Question, answer: PartialAnswer): LogPartitionAnswer {
  const { bounds } = pieceOf(answer, "estimate");
  if (bounds === undefined) throw new RangeError(`"answer" expected bounds of log Z, got an answer to ${answer.call}`);
  return { ...estimatedOf(question, answer), lower: bounds.lower, upper: bounds.upper };
}

/**
 * Makes the answer of `logProbability`.
 *
 * @param question the question to all parts
 * @param answer their answer
 * @returns the answer of `logProbability`, as of one index
 *
 * @example
 * const question: Question = { call: "logProbability", query, size: 0, ids: Int32Array.of(7), options: { seed: 1n } };
 * const { logProbabilities } = logProbabilityOf(question, await partOf(index).answer(question));
 */
export function logProbabilityOf(question: Question, answer: PartialAnswer): ClassProbabilities {
  const inverse = inverseTemperatureOf(question.options);
  const { values } = pieceOf(answer, "values");
  const estimated = withNamed({ exp64, log64 }, estimatedOf(question, answer), question.ids, values, inverse);
  const logProbabilities = Float64Array.from(values, (score) =>
    score === Number.NEGATIVE_INFINITY ? score : score * inverse - estimated.logPartition,
  );
  return { ...estimated, logProbabilities };
}

/**
 * Makes the answer of `sample`, with log Q unless the question is `exact`.
 *
 * @param question the question to all parts
 * @param answer their answer
 * @returns the answer of `sample`, as of one index
 *
 * @example
 * const question: Question = { call: "sample", query, size: 5, ids: new Int32Array(0), options: { seed: 1n } };
 * const { ids } = sampleOf(question, await partOf(index).answer(question));
 */
export function sampleOf(question: Question, answer: PartialAnswer): ExactDraws | Draws {
  const seeded = { seed: seedOf(question), scored: answer.scored };
  if (answer.arrivals) {
    const { ids, scores } = answer.arrivals;
    return { ids, scores, scored: answer.scored, effectiveSampleSize: ids.length, seed: seeded.seed };
  }
  const { ids, scores, logQ } = pieceOf(answer, "draws");
  const inverse = inverseTemperatureOf(question.options);
  const logs = Float64Array.from(scores, (score, i) => score * inverse - (logQ[i] as number));
  const largest = logs.reduce((top, log) => Math.max(top, log), Number.NEGATIVE_INFINITY);
  let [sum, squares] = [0, 0];
  for (const log of logs) {
    const weight = exp64(log - largest);
    sum += weight;
    squares += weight * weight;
  }
  return { ids, scores, logQ, ...seeded, effectiveSampleSize: squares > 0 ? (sum * sum) / squares : 0 };
}

/**
 * Makes the answer of `sampleTopK`.
 *
 * @param question the question to all parts
 * @param answer their answer
 * @returns the answer of `sampleTopK`, as of one index
 *
 * @example
 * const question: Question = { call: "sampleTopK", query, size: 5, ids: new Int32Array(0), options: { seed: 1n } };
 * const { ids, logWeights } = sampleTopKOf(question, await partOf(index).answer(question));
 */
export function sampleTopKOf(question: Question, answer: PartialAnswer): DistinctDraws {
  const { ids, scores, keys, logMasses, threshold, exact } = pieceOf(answer, "keys");
  const inverse = inverseTemperatureOf(question.options);
  const logits = Float64Array.from(scores, (score) => score * inverse);
  return {
    ids,
    scores,
    keys,
    threshold,
    scored: answer.scored,
    logWeights: logWeights({ exp64, log64 }, logits, logMasses, threshold),
    exact,
    seed: seedOf(question),
  };
}

/**
 * Makes the answer of `score` and `logQ`.
 *
 * @param answer the answer of all parts
 * @returns f32, one number for each class that the question names
 *
 * @example
 * const question: Question = { call: "score", query, size: 0, ids: Int32Array.of(7, 42), options: {} };
 * const scores = valuesOf(await partOf(index).answer(question));
 */
export function valuesOf(answer: PartialAnswer): Float32Array {
  return pieceOf(answer, "values").values;
}

/**
 * Makes the answer of `slateLogProbability`.
 *
 * @param answer the answer of all parts
 * @returns the answer of `slateLogProbability`, as of one index
 *
 * @example
 * const ids = Int32Array.of(7, 42);
 * const question: Question = { call: "slateLogProbability", query, size: 0, ids, options: {} };
 * const { logProbability } = slateOf(await partOf(index).answer(question));
 */
export function slateOf(answer: PartialAnswer): SlateProbability {
  const slate = pieceOf(answer, "slate");
  const logProbabilities = slateLogProbabilities(slate);
  const logProbability = logProbabilities.reduceRight((sum, log) => sum + log, 0);
  return { logProbability, logProbabilities, exact: slate.exact, scored: answer.scored };
}
