import type { LogPartition } from "./error-bars.ts";
import type { Proposal } from "./options.ts";

// The answers of the calls of an index.

/** The answer of `topK`. */
export interface TopK {
  /**
   * i32, k classes, or all that are not filtered out where these are fewer: higher score first, then lower id. With `scan`
   * beside `rescore` only classes among the rows whose codes are read.
   */
  readonly ids: Int32Array;
  /**
   * f32, the exact logit of each class for its stored row, bias included, changed as the call says. In `topK` of an index
   * with residuals it is the logit for the refined row, of 16 bits a value.
   */
  readonly scores: Float32Array;
  /** The answer certainly equals brute force over the stored rows, or the refined ones. */
  readonly exact: boolean;
  /** The number of rows read. */
  readonly scored: number;
}

/** The part that all answers with random numbers share. */
export interface Seeded {
  /** The seed of the call, modulo 2^64, or the random one that it took. */
  readonly seed: bigint;
  /** The number of rows read. */
  readonly scored: number;
}

/** The effort that was chosen for the query, by `scan: "auto"` or for a second answer, and the measurements behind it. */
export interface ScanChoice {
  /** The head budget of the chosen proposal, in classes. With `exact` it is the number of classes not filtered out. */
  readonly scan: number;
  /** The number of draws from the tail: those of the call, or more. 0 with `exact`. */
  readonly draws: number;
  /** The chosen proposal. With `exact` it is `"buckets"`. */
  readonly proposal: Proposal;
  /** All rows were scored, because no head within reach was expected to meet the target. */
  readonly exact: boolean;
  /**
   * The share of the proposal's mass in a head of 1,024 classes. It is near 1 where buckets do well, and low for a
   * diffuse softmax. Absent where all rows were scored without a look at any head.
   */
  readonly headShare?: number;
  /** The relative standard error of Z that is expected of this choice. */
  readonly expectedError: number;
  /** The relative standard error of Z that is expected of the default, `scan: 1024` by buckets; absent with headShare. */
  readonly expectedErrorAtDefault?: number;
}

/** The part that all answers with an estimate of log Z share. */
export interface Estimated extends LogPartition, Seeded {
  /**
   * The choice of `scan: "auto"`, or where `scan` was left to the library and its answer was flagged, that of the second answer,
   * which this is. A `tolerance` may have needed more than was chosen.
   */
  readonly choice?: ScanChoice;
}

/** The answer of `logPartition`. */
export interface LogPartitionAnswer extends Estimated {
  /**
   * log Z is certainly at least this: log Z in exact arithmetic, of the stored rows and the unrounded query, at unit
   * length for cosine. −∞ if all classes are filtered out.
   */
  readonly lower: number;
  /** log Z is certainly at most this, in the sense of `lower`; −∞ if all classes are filtered out. */
  readonly upper: number;
}

/** The answer of `predict`. */
export interface Prediction extends TopK, Estimated {
  /** f64, the probability of each class: e^(score / temperature − logPartition). */
  readonly probabilities: Float64Array;
}

/** The answer of `logProbability`. */
export interface ClassProbabilities extends Estimated {
  /**
   * f64, score / temperature − logPartition of each given class, −∞ for classes that are filtered out. They have the
   * standard error of logPartition. If the classes have more mass together than was estimated for all, logPartition is that mass;
   * beyond 1.96 standard errors, its error is not known (Infinity).
   */
  readonly logProbabilities: Float64Array;
}

/** The answer of `sample` with draws from the proposal. */
export interface Draws extends ExactDraws {
  /** f32, the normalised log-probability of each draw under the proposal; at most 0 up to rounding. */
  readonly logQ: Float32Array;
}

/** The answer of `sample` with draws from the softmax itself. Their log-probability is score / temperature − log Z. */
export interface ExactDraws extends Seeded {
  /** i32, independent draws; a class may occur several times. */
  readonly ids: Int32Array;
  /** f32, the exact logit of each draw for its stored row, bias included, changed as the call says. */
  readonly scores: Float32Array;
  /**
   * The number of independent exact draws that would be worth as much: (Σ w)² / Σ w² of the importance weights
   * w = e^(score / temperature) / Q.
   */
  readonly effectiveSampleSize: number;
}

/** The answer of `sampleTopK`. */
export interface DistinctDraws extends Seeded {
  /**
   * i32, k distinct classes in the order in which they were drawn, or all that are not filtered out where these are
   * fewer.
   */
  readonly ids: Int32Array;
  /** f32, the exact logit of each class for its stored row, bias included, changed as the call says. */
  readonly scores: Float32Array;
  /**
   * f64, the key of each class, log mass + Gumbel noise, descending. The classes with the k largest keys are the
   * sample.
   */
  readonly keys: Float64Array;
  /** The largest key outside the sample; −∞ if the sample holds all classes. */
  readonly threshold: number;
  /**
   * f64: Σ f(ids[i]) e^logWeights[i] is unbiased for Σ f(j) e^(score_j / temperature) over all classes not filtered
   * out.
   */
  readonly logWeights: Float64Array;
  /** The classes were drawn from the softmax itself, otherwise from the proposal. */
  readonly exact: boolean;
}

/** The answer of `slateLogProbability`. */
export interface SlateProbability {
  /** The log-probability of the slate: the sum of `logProbabilities`. −∞ if one of its classes is filtered out. */
  readonly logProbability: number;
  /**
   * f64, the log-probability of each class of the slate among those that are left when it is drawn; −∞ for a class that
   * is filtered out.
   */
  readonly logProbabilities: Float64Array;
  /** The probabilities are of the softmax itself, otherwise of the proposal. */
  readonly exact: boolean;
  /** The number of rows read. */
  readonly scored: number;
}
