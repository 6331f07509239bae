import type { Seeded } from "../answers/answers.ts";

/** The basis of the choice of kept classes: bounds of all scores, an estimate of log Z, or all rows. */
export type Decision = "bounds" | "estimate" | "exact";

/** The best classes before any truncation, as vLLM's `logprobs`. */
export interface TopLogProbabilities {
  /** i32, the best classes, best first: of the head, as `predict` finds them, and the class drawn, or with `certain` of all. */
  readonly ids: Int32Array;
  /** f64, their log-probabilities under the softmax at the temperature of the first truncation: 1 where decoding is greedy. */
  readonly logProbabilities: Float64Array;
  /** The log-probability of the class that was drawn, under the same softmax. */
  readonly logProbability: number;
  /**
   * The standard error of log Z, which all these numbers share. With `certain` it is what rounding leaves. Infinity if these classes
   * and the one drawn have more mass than the estimate: log Z is then that of their mass.
   */
  readonly standardError: number;
}

/** The answer of `decode`. */
export interface Decoded extends Seeded {
  /** The class that was drawn. */
  readonly id: number;
  /** Its exact logit for its stored row, bias included. */
  readonly score: number;
  /**
   * Its log-probability in the distribution that it was drawn from, the softmax of the kept classes. Where nothing is truncated
   * it is an estimate with `standardError`.
   */
  readonly logProbability: number;
  /** The number of classes that were kept. */
  readonly kept: number;
  /** The kept classes are certainly those of the truncations. */
  readonly certain: boolean;
  /** The basis of the choice of kept classes. */
  readonly decided: Decision;
  /** The number of classes of the head that 1.96 standard errors of log Z leave in doubt. 0 where `certain`. */
  readonly undecided: number;
  /** The standard error of the log Z that the answer rests on. 0 if it rests on none, or on the one of all rows. */
  readonly standardError: number;
  /** The best classes before any truncation, if they were asked for. */
  readonly top?: TopLogProbabilities;
}
