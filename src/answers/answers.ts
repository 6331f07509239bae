import type { LogPartition } from "./error-bars.ts";
import type { Proposal } from "./options.ts";

// What a call gives.

export interface TopK {
  /** k classes, or all that take part where they are less: higher score first, then lower id. */
  readonly ids: Int32Array;
  /** Exact logits of the stored rows, bias included. */
  readonly scores: Float32Array;
  /** Equal to brute force over the stored rows, for certain. */
  readonly exact: boolean;
  /** Rows read. */
  readonly scored: number;
}

export interface Seeded {
  readonly seed: bigint;
  /** Rows read. */
  readonly scored: number;
}

/** The choice that `scan: "auto"` made, and the measurements it rests on. */
export interface ScanChoice {
  /** The head budget of the proposal; all classes that take part with `exact`. */
  readonly scan: number;
  readonly proposal: Proposal;
  /** All rows were scored, because no head within reach was expected to meet the target. */
  readonly exact: boolean;
  /** Share of the proposal's mass that a head of 1,024 classes has: near 1 where buckets do well, low on a diffuse head. */
  readonly headShare: number;
  /** Relative standard error of the partition expected of this choice. */
  readonly expectedError: number;
  /** Relative standard error of the partition expected of the default, `scan: 1024` by buckets. */
  readonly expectedErrorAtDefault: number;
}

export interface Estimated extends LogPartition, Seeded {
  /** With `scan: "auto"`; what `tolerance` asks for comes on top. */
  readonly choice?: ScanChoice;
}

export interface LogPartitionAnswer extends Estimated {
  /** log Z is certainly at least this, */
  readonly lower: number;
  /** and at most this. */
  readonly upper: number;
}

export interface Prediction extends TopK, Estimated {
  /** e^(score / temperature − logPartition). */
  readonly probabilities: Float64Array;
}

export interface ClassProbabilities extends Estimated {
  /** score / temperature − logPartition, by class asked for; its standard error is that of logPartition. */
  readonly logProbabilities: Float64Array;
}

export interface Draws extends ExactDraws {
  /** Normalised log-probability of each draw under the proposal, at most 0 up to rounding. */
  readonly logQ: Float32Array;
}

/** Draws from the softmax itself: their log-probability is score / temperature − log Z, which was not needed. */
export interface ExactDraws extends Seeded {
  /** Independent draws; a class may come more than once. */
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  /** Independent exact draws that would be worth these: (Σ w)² / Σ w² of their weights w = e^(score / temperature) / Q. */
  readonly effectiveSampleSize: number;
}

export interface DistinctDraws extends Seeded {
  /** k classes, or all that take part where they are less, without replacement: in the order they were drawn. */
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  /** Of each class log mass + Gumbel noise, descending; the k largest keys are the sample. */
  readonly keys: Float64Array;
  /** The largest key that is not in the sample; −∞ where all classes are. */
  readonly threshold: number;
  /** Σ f(ids[i]) e^logWeights[i] is unbiased for Σ f(j) e^(score_j / temperature) over all classes that take part. */
  readonly logWeights: Float64Array;
  /** Drawn from the softmax itself; else from the proposal. */
  readonly exact: boolean;
}
