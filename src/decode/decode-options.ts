import type { ConditionOptions, SeedOption } from "../answers/options.ts";

/** A truncation of the softmax, by the name of its option. */
export type Truncation = "minP" | "topK" | "topP";

/** A step of decoding. `"temperature"` says where the temperature applies. */
export type DecodeStep = Truncation | "temperature";

/** vLLM's order: the temperature applies to every truncation, and topP is taken of what minP and topK keep. */
export const DEFAULT_ORDER = ["temperature", "minP", "topK", "topP"] as const satisfies readonly DecodeStep[];

/** Options of `decode`. Truncations that are not given truncate nothing. */
export interface DecodeOptions extends ConditionOptions, SeedOption {
  /**
   * As in other calls, or 0 for greedy decoding: the class with the largest score, the lower id among equals. Default 1.
   */
  readonly temperature?: number;
  /** Keeps the k best classes: 0, for all, to `maxK` of load. Of equal scores the lower ids are kept. Default 0. */
  readonly topK?: number;
  /**
   * Keeps the best classes up to the one with which their probability reaches `topP`, greater than 0, at most 1. Of equal
   * scores the lower ids are kept. Default 1, which keeps all.
   */
  readonly topP?: number;
  /**
   * Keeps the classes whose probability is at least `minP` times that of the most probable one, from 0 to 1. Of equal
   * scores all are kept. Default 0, which keeps all.
   */
  readonly minP?: number;
  /**
   * The order of the truncations, which matters to `topP` and, behind `"temperature"`, to all. Without `"temperature"` in
   * it the temperature comes first. A truncation that is given must be listed. Default
   * `["temperature", "minP", "topK", "topP"]`, which is vLLM's. llama.cpp's is `["topK", "topP", "minP", "temperature"]`.
   */
  readonly order?: readonly DecodeStep[];
  /**
   * `true` takes topP of the exact log Z, which costs a scan of all rows where topP comes first, and also makes all numbers
   * of the answer exact. `minP` and `topK` are certain without it. `targetError` is refused beside it. Default `false`.
   */
  readonly certain?: boolean;
  /**
   * The share of the mass kept by a topP that comes first that may be in doubt, by the standard error of log Z and by the
   * draws that lie outside of the head. The head grows until this is met, at last to all rows. Refused without `topP`, and
   * where another truncation comes first, which leaves nothing in doubt. 0 or more. Default 0.05.
   */
  readonly targetError?: number;
  /**
   * The most classes that may be ranked to tell which are kept, beyond those of a head. RangeError for a query that needs
   * more, before they are ranked: a bound on its time, which is 0.1 µs for each. Default: no limit.
   */
  readonly maxRanked?: number;
  /**
   * The number of classes, 0 to `maxK` of load, whose log-probabilities before any truncation are in the answer as `top`.
   * Costs a `predict`, or with `certain` a scan. Default: the answer has no `top`.
   */
  readonly topLogProbabilities?: number;
}
