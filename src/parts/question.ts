import type { ConditionOptions, Proposal } from "../answers/options.ts";
import type { Mixture } from "../answers/recommend-options.ts";

/** The calls of an index that parts answer. `classes` asks for labels, ids by their labels, and rows; it has no query. */
export type QuestionCall =
  | "topK"
  | "predict"
  | "logPartition"
  | "logProbability"
  | "sample"
  | "sampleTopK"
  | "score"
  | "logQ"
  | "slateLogProbability"
  | "decode"
  | "classes";

/** The calls with a query. */
export type QueryCall = Exclude<QuestionCall, "classes">;

/** The calls that estimate log Z. */
export const ESTIMATES: ReadonlySet<QuestionCall> = new Set(["predict", "logPartition", "logProbability"] as const);

/** The options of a question: those of its call, with ids of the asked part. */
export interface QuestionOptions extends ConditionOptions {
  /** Head budget of this part; `"auto"` in calls that estimate log Z. */
  readonly scan?: number | "auto";
  /** For `topK`: the number of rows that this part scores exactly, those with the best fine codes. */
  readonly rescore?: number;
  /** For `topK`: the recall that this part aims at. */
  readonly recall?: number;
  /** True for exact answers. */
  readonly exact?: boolean;
  /** The kind of proposal. */
  readonly proposal?: Proposal;
  /** For `sample` and `logQ`: the laws that are mixed with the proposal. */
  readonly mixture?: Mixture;
  /** The number of draws from the tail of this part that estimate log Z. */
  readonly draws?: number;
  /** The largest standard error of an answer of `scan: "auto"`. */
  readonly targetError?: number;
  /** The largest `upper − lower` of `logPartition`. */
  readonly tolerance?: number;
  /** For `decode`: classes that are less than this many times as probable as the best are left out. */
  readonly minP?: number;
  /** For `decode`: the most classes of a part that may be ranked, at most 65,536. */
  readonly maxRanked?: number;
  /** The seed of the call, the same for all parts. */
  readonly seed?: bigint;
  /** True if the answer carries the labels of its classes. */
  readonly withLabels?: boolean;
  /** True if the answer carries the rows of its classes. */
  readonly withRows?: boolean;
  /** True if the answer carries the rows of its classes up to their lengths, from which similarities are computed. */
  readonly withDirections?: boolean;
  /** True if the answer carries the values of its classes in their columns. */
  readonly withMetadata?: boolean;
  /** For `classes`: labels whose classes are asked for too. A part leaves out those that it does not have. */
  readonly labels?: readonly string[];
}

/**
 * One call with one query, in the form for a part. All parts get the same question, except for ids, which are their own, and
 * effort.
 */
export interface Question {
  /** The call. */
  readonly call: QuestionCall;
  /** f32, `info.dim` values; none in `classes`. */
  readonly query: Float32Array;
  /**
   * k, or the number of draws of `sample`; 0 in calls without either. For `decode`: the most classes that the truncations can
   * keep, 0 for any number.
   */
  readonly size: number;
  /** The classes that the call names, by ids of the asked part; empty in calls that name none. */
  readonly ids: Int32Array;
  /** Effort, conditions and seed. */
  readonly options: QuestionOptions;
}

/** Returns 1 / T of a question, rounded to f32 as in the kernels. */
export const inverseTemperatureOf = ({ temperature = 1 }: ConditionOptions): number => Math.fround(1 / temperature);
