import type { LogPartition } from "./estimate.ts";

// What a call gives.

export interface TopK {
  /** k classes, or N where that is less: higher score first, then lower id. */
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

export interface LogPartitionAnswer extends LogPartition, Seeded {}

export interface Prediction extends TopK, LogPartitionAnswer {
  /** e^(score − logPartition). */
  readonly probabilities: Float64Array;
}

export interface Draws extends Seeded {
  /** Independent draws; a class may come more than once. */
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  /** Normalised log-probability of each draw under the proposal, at most 0 up to rounding. */
  readonly logQ: Float32Array;
}
