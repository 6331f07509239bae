import type { ScanChoice } from "../answers/answers.ts";
import type { LogPartition } from "../answers/error-bars.ts";
import type { QuestionCall } from "./question.ts";

// A partial answer is the answer of one part of the classes, or of several, to a question. Its pieces can be merged.

/** The best classes of a part. */
export interface PartialTop {
  /** i32: higher score first, then lower id. */
  readonly ids: Int32Array;
  /** f32, the exact logit of each class. */
  readonly scores: Float32Array;
  /** True if they are certainly the best of the part. */
  readonly exact: boolean;
}

/** The terms of an estimate of Z. Each number except the unit and the limits is a sum over parts. */
export interface EstimateTerms {
  /** The logarithm of the unit of the masses; variances and `squares` are in its square. −∞ if there is no mass. */
  readonly logUnit: number;
  /** Ẑ. */
  readonly mass: number;
  /** The part of Ẑ that was summed exactly. */
  readonly head: number;
  /** S′, the mass of the proposal. */
  readonly proposal: number;
  /** The estimate of Σ e^(2 score) / mass over all classes, with the mass of each class in the proposal; in the unit itself. */
  readonly squares: number;
  /** The variance of Ẑ, factors of calibrations and rounding included. Infinity if it is not known. */
  readonly variance: number;
  /** The variance of Ẑ that the dispersions predict. */
  readonly modelVariance: number;
  /** The number of draws. */
  readonly draws: number;
  /** The least of the largest model errors up to which calibrations hold. Infinity for none. */
  readonly limit: number;
  /** True if something was sampled. */
  readonly isSampled: boolean;
  /** True if all that was sampled is calibrated. */
  readonly isCalibrated: boolean;
  /** True if a part says not to trust its estimate, for another reason than a large error. */
  readonly isDoubtful: boolean;
}

/** An estimate of log Z over the classes of a part. */
export interface PartialEstimate extends LogPartition {
  /** The terms of the estimate. */
  readonly terms: EstimateTerms;
  /** Certain bounds of log Z, if they were asked for. */
  readonly bounds?: {
    /** log Z is certainly at least this. */
    readonly lower: number;
    /** log Z is certainly at most this. */
    readonly upper: number;
  };
  /** The choice of `scan: "auto"`. */
  readonly choice?: ScanChoice;
}

/** A law of a mixture, over the classes of one part: its proposal, or one that explores. */
export interface PartialLaw {
  /** The logarithm of the mass of the classes of the part; −∞ if all are filtered out. */
  readonly logMass: number;
  /** f64, the log-probability of each class under the law of the part; −∞ for classes that are filtered out. */
  readonly logs: Float64Array;
}

/** Independent draws from the proposal of a part. */
export interface PartialDraws {
  /** i32. The first n of them are independent draws, too. */
  readonly ids: Int32Array;
  /** f32, the exact logit of each draw. */
  readonly scores: Float32Array;
  /** f32, the log-probability of each draw under the proposal of the part. */
  readonly logQ: Float32Array;
  /** log S′, the logarithm of the mass of the proposal of the part; −∞ if all its classes are filtered out. */
  readonly logMass: number;
  /** With a mixture: the draws under its laws, the proposal first. The law of draw i is the same in all parts. */
  readonly laws?: readonly PartialLaw[];
}

/**
 * The first exact draws of a Poisson stream whose rate is Z of the part. The first draws of several streams together are the
 * first of the stream of all their classes.
 */
export interface PartialArrivals {
  /** i32, in the order of their times. */
  readonly ids: Int32Array;
  /** f32, the exact logit of each draw. */
  readonly scores: Float32Array;
  /** f64, the logarithms of the times, ascending. */
  readonly logTimes: Float64Array;
  /** The number of classes of the part that the conditions leave. */
  readonly allowedCount: number;
}

/** The classes of a part with the largest keys. */
export interface PartialKeys {
  /** i32, largest key first. */
  readonly ids: Int32Array;
  /** f32, the exact logit of each class. */
  readonly scores: Float32Array;
  /** f64, log mass + Gumbel noise, with masses that are not normalised. */
  readonly keys: Float64Array;
  /** f64, the log mass of each class, on the scale of the keys. */
  readonly logMasses: Float64Array;
  /** The largest key of another class of the part; −∞ if there is none. */
  readonly threshold: number;
  /** The masses are those of the softmax itself. */
  readonly exact: boolean;
}

/** Numbers for classes that the question names. */
export interface PartialValues {
  /** i32, the places of these classes among the ids of the question. */
  readonly places: Int32Array;
  /** f32, logits under the conditions, or log Q under the proposal of the part; −∞ for classes that are filtered out. */
  readonly values: Float32Array;
  /** For log Q: log S′ of the part. Otherwise 0. */
  readonly logMass: number;
  /** For log Q with a mixture: the classes under its laws, the proposal first. */
  readonly laws?: readonly PartialLaw[];
}

/** The terms of the probability of a slate. */
export interface PartialSlate {
  /** i32, the places of classes of the part among those of the slate, ascending. */
  readonly places: Int32Array;
  /** f64, log Q of each class, or with `exact` its score / T; −∞ for classes that are filtered out. */
  readonly logs: Float64Array;
  /** The logarithm of the mass of all other classes of the part, on the scale of `logs`. */
  readonly logRest: number;
  /** log S′ of the proposal of the part; 0 with `exact`. */
  readonly logMass: number;
  /** The masses are those of the softmax itself. */
  readonly exact: boolean;
}

/** The values of a class by the names of its columns, without those that it lacks; its namespace is under `$namespace`. */
export type ClassMetadata = Readonly<Record<string, string | number | boolean>>;

/** The stored values of the classes that an answer lists, or that the question names. */
export interface PartialClasses {
  /** i32, ascending. */
  readonly ids: Int32Array;
  /** The label of each class, if labels were asked for. */
  readonly labels?: readonly string[];
  /** f32, one row for each class, end to end, if rows were asked for. */
  readonly rows?: Float32Array;
  /** One row for each class, end to end, up to its length, if directions were asked for: codes of int8 rows, otherwise rows. */
  readonly directions?: Float32Array | Int8Array;
  /** The values of each class by the names of its columns, if they were asked for. */
  readonly metadata?: readonly ClassMetadata[];
}

/**
 * The answer of some of the classes to a question. {@link mergeAnswers} makes one of several, and the functions with the names
 * of calls, such as {@link predictionOf}, make the answer of the call from the last one.
 */
export interface PartialAnswer {
  /** The call that was asked. */
  readonly call: QuestionCall;
  /** The numbers of the parts that it comes from, ascending. */
  readonly parts: readonly number[];
  /** The version of the classes, if parts have one: answers of two versions are not merged. */
  readonly generation: string;
  /** XXH64 of the query. */
  readonly queryHash: bigint;
  /** The number of rows read. */
  readonly scored: number;
  /** Present for `topK`, `predict` and `decode`. For `decode`: all classes that the truncations of the question keep. */
  readonly top?: PartialTop;
  /** Present for `predict`, `logPartition` and `logProbability`. */
  readonly estimate?: PartialEstimate;
  /** Present for `sample`. */
  readonly draws?: PartialDraws;
  /** Present for `sample` with `exact`. */
  readonly arrivals?: PartialArrivals;
  /** Present for `sampleTopK`. */
  readonly keys?: PartialKeys;
  /** Present for `logProbability`, `score` and `logQ`. */
  readonly values?: PartialValues;
  /** Present for `slateLogProbability`. */
  readonly slate?: PartialSlate;
  /** Present for `classes`, and for every question with `withLabels`, `withRows`, `withDirections` or `withMetadata`. */
  readonly classes?: PartialClasses;
}
