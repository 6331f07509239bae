import type { Filter } from "../columns/filter.ts";
import type { DiversityOption, MixtureOption } from "./recommend-options.ts";

// The options of the calls of an index.

export const DEFAULT_SCAN = 1024;
export const DEFAULT_DRAWS = 100;
export const DEFAULT_TARGET_ERROR = 0.05;
export const DEFAULT_RECALL = 0.95;

/** The head that `scan: "auto"` takes with the proposal by fine codes, in classes. */
export const CODED_HEAD = 4096;

/** `scan: "auto"` takes no head of more than this share of all classes. */
export const LARGEST_HEAD = 0.5;

/**
 * From this number of classes on, fine codes take less time than all rows: the same at 100,000, a third at 1,000,000.
 */
export const LEAST_CODED = 200_000;

/** The error that `scan: "auto"` has to meet. */
export interface ErrorTarget {
  readonly draws: number;
  readonly seed: bigint;
  /** The largest relative standard error of Z. */
  readonly targetError: number;
}

/** Several queries in one call. */
export interface BatchOption {
  /**
   * The number of queries, 0 to `maxBatch` of load. `query` then holds `batch × info.dim` values, and the call returns
   * an array of `batch` answers, also for a batch of one.
   */
  readonly batch: number;
  /**
   * The conditions of each query, `batch` of them. Conditions beside them, for all queries, are refused. Default: the
   * conditions of the call.
   */
  readonly conditions?: readonly ConditionOptions[];
}

/** A feature of a query: its id, which is a row of the table of features, or its name where the index has names. */
export type Feature = number | string;

/** Options of `encode`. */
export interface EncodeOptions {
  /**
   * The weight of each feature, of the same length. Default: 1, 1/n or 1/√n for n features, by the `pooling` of the
   * build.
   */
  readonly weights?: Float32Array | readonly number[];
}

/** A set of classes as bits. */
export interface ClassBitmap {
  /** ⌈N / 8⌉ bytes. Class i is bit i % 8 of byte ⌊i / 8⌋, and bit 0 is the lowest. */
  readonly bitmap: Uint8Array;
}

/** Numbers that are added to the logits of classes. */
export interface LogitBias {
  /** Classes by id, each once. */
  readonly ids: ArrayLike<number>;
  /** The number for each id: of magnitude at most 2^40, rounded to f32, or −∞ to ban the class. */
  readonly values: ArrayLike<number>;
}

/**
 * The distribution that a call is about: the softmax of score / temperature over the classes that are not filtered out.
 * Every probability, log Q and estimate is of this distribution exactly. `scores` stay logits and are not divided.
 *
 * `bias` and penalties change logits: first the bias is added, then the repetition penalty applies, and then the other
 * penalties are subtracted. `scores` of answers are the changed logits. Up to `maxChanged` of load, classes with changed
 * logits are scored exactly in every call, as a part of the head beyond `scan`.
 */
export interface ConditionOptions {
  /**
   * From 2^-20 to 2^20. Its inverse is rounded to f32. Default 1. On an index with biases, a temperature that is not among
   * the last four costs a pass over the buckets, unless the answer comes from all rows.
   */
  readonly temperature?: number;
  /** Classes to filter out, by id. Default: none. */
  readonly exclude?: ArrayLike<number>;
  /**
   * The only classes that are not filtered out, by id or as a bitmap. Default: all. If it leaves at most 8,192 classes, or
   * `scan` if that is more, and no more than `maxScan` of load, they are all scored: the answer is exact whatever `scan`,
   * `proposal` and `draws` say. Larger sets, up to an eighth of all classes, are scored too if this reads less than a change
   * of the set, which is a pass over all buckets.
   */
  readonly allow?: ArrayLike<number> | ClassBitmap;
  /**
   * The requirements that the values of a class in its columns must meet for it to take part, such as
   * `{ category: "shoes", price: { $lt: 80 } }`: at most 2,047 bytes as JSON, in the form of Cloudflare Vectorize's filters.
   * If few classes pass, all of them are scored, as with `allow`. Default: any values.
   */
  readonly filter?: Filter;
  /** The namespace of the classes that are not filtered out, on an index built with `namespaces`. Default: any. */
  readonly namespace?: string;
  /** Numbers to add to the logits of classes. Default: none. */
  readonly bias?: LogitBias;
  /** Ids of the classes that were seen, with repetitions. The three penalties apply to them. Default: none. */
  readonly history?: ArrayLike<number>;
  /**
   * From 2^-20 to 2^20: a positive logit of a class in `history` is divided by it, and another is multiplied by it. Default
   * 1.
   */
  readonly repetitionPenalty?: number;
  /** From -2^20 to 2^20: subtracted from the logit of every class in `history`. Default 0. */
  readonly presencePenalty?: number;
  /** From -2^20 to 2^20: subtracted from the logit of a class as often as `history` has it. Default 0. */
  readonly frequencyPenalty?: number;
}

/** The size of the head. */
export interface ScanOption {
  /**
   * Head budget: the number of classes that are scored exactly, 0 to `maxScan` of load. They come from the best
   * buckets, or with `proposal: "codes"` they are the best by code. Default 1,024.
   */
  readonly scan?: number;
}

/** The choice of exact answers. */
export interface ExactOption {
  /**
   * `true` gives exact answers over the stored rows, for the scores that `score` returns. With int8 rows these are scores of
   * the query rounded to 16 bits, but `lower` and `upper` of `logPartition` are about the whole query. `scan`, `proposal`,
   * `rescore`, `recall`, `draws`, `targetError` and `mixture` are refused beside it. Default `false`.
   */
  readonly exact?: boolean;
}

/** The source of random numbers. */
export interface SeedOption {
  /**
   * An integer, taken modulo 2^64. The same file, limits of load, call and seed give the same bits. Default: a
   * random seed, which the answer returns. In a batch, `sample`, `sampleTopK` and `decode` take one for each query.
   */
  readonly seed?: number | bigint;
}

/** Options of `topK`. */
export interface TopKOptions extends ExactOption, DiversityOption, ConditionOptions {
  /**
   * Head budget: the number of classes of the best buckets that are scored exactly, 0 to `maxScan` of load. Default
   * 1,024, or chosen for `recall` on an index with fine codes. With `rescore` it is the number of rows whose fine codes
   * are read, those of the best groups, and the default is all.
   */
  readonly scan?: number;
  /**
   * The number of rows that are scored exactly, those with the best fine codes. Needs an index built with `fineCodes`.
   * Default: chosen for `recall`, or with `scan` alone no fine codes are read.
   */
  readonly rescore?: number;
  /**
   * The share of the k best stored rows to find as a mean over queries, greater than 0, at most 1. The call takes the
   * smallest `scan` and `rescore` that reach it by the recall curves of the file, which keep a margin: a small one if they
   * were measured on queries, a larger one on stand-ins for them (`info.recallQueries`). Above the curves, and on an index
   * without any, it answers exactly, and says `exact: true`. Filters are not taken into account. Where there are curves, the
   * default is 0.95. `scan` and `rescore` are refused beside it.
   */
  readonly recall?: number;
}

/** The kind of proposal: its way to find the head and to quantise the tail. */
export type Proposal = "buckets" | "codes";
export const PROPOSALS = ["buckets", "codes"] as const satisfies readonly Proposal[];

/** The choice of the proposal. */
export interface ProposalOption {
  /**
   * `"buckets"`: the head is the classes of the best buckets, and the tail is quantised by codewords (docs/method.md, 2
   * and 3). `"codes"`: the head is the `scan` classes with the best fine codes, and the tail is the softmax of the
   * codes (docs/method.md, 8). `"codes"` reads the codes of all classes and needs an index built with `fineCodes`. It
   * suits a diffuse softmax over many classes. Default `"buckets"`.
   */
  readonly proposal?: Proposal;
}

/** Options of `sample` for draws from the proposal. */
export interface SampleOptions extends ScanOption, ProposalOption, MixtureOption, SeedOption, ConditionOptions {
  /** `false`, the default, draws from the proposal. */
  readonly exact?: false;
}

/** Options of `sample` for draws from the softmax itself. */
export interface ExactSampleOptions extends SeedOption, ConditionOptions {
  /** `true` draws from the softmax itself. `scan`, `proposal` and `mixture` are refused beside it. */
  readonly exact: true;
}

/** Options of `sample` where the compiler does not know `exact`. */
export interface AnySampleOptions
  extends ScanOption,
    ProposalOption,
    MixtureOption,
    ExactOption,
    SeedOption,
    ConditionOptions {}

/** Options of `logQ`: those that determine the proposal. */
export interface LogQOptions extends ScanOption, ProposalOption, MixtureOption, ConditionOptions {}

/** Options of `slateLogProbability`. */
export interface SlateOptions extends ScanOption, ProposalOption, ExactOption, ConditionOptions {}

/** Options of `sampleTopK`. */
export interface SampleTopKOptions extends ScanOption, ExactOption, SeedOption, ConditionOptions {}

/** Options of the calls that estimate log Z: `predict`, `logProbability` and `logPartition`. */
export interface EstimateOptions extends ProposalOption, ExactOption, SeedOption, ConditionOptions {
  /**
   * Head budget: the number of classes that are scored exactly, 0 to `maxScan` of load. Under a large bitmap, filter or
   * list of excluded classes, which leaves the share a of all, the head has √a `scan` of them. Default 1,024; if that answer is
   * flagged (`lowEss`), another takes its place: one of up to three times the cost if it is expected to be trusted, and
   * otherwise one of all rows (docs/method.md, 4). The answer's `choice` then describes it. Files of format 1.0 have none.
   * `"auto"` takes a larger head or more draws until the standard error of the answer meets `targetError`, and all rows where
   * that costs less. On files of format 1.0 it chooses by trial draws. `"auto"` is refused beside `proposal`. It is the default
   * beside `targetError`.
   */
  readonly scan?: number | "auto";
  /**
   * The largest standard error that an answer of `scan: "auto"` has; on files of format 1.0, that it aims at. A number as
   * `scan`, and `proposal`, are refused beside it. Default 0.05.
   */
  readonly targetError?: number;
  /**
   * The number of stratified draws from the tail, 0 to `maxDraws` of load. Default 100. `scan: "auto"` and second answers may
   * make more, and say so in `choice.draws`.
   */
  readonly draws?: number;
}

/** Options of `predict`. */
export interface PredictOptions extends EstimateOptions, DiversityOption {}

/** Options of `logPartition`. */
export interface LogPartitionOptions extends EstimateOptions {
  /**
   * The largest `upper − lower` that the answer may have. The head grows until the bounds are that close, at last to all
   * rows, which leave 3.5e-5 and what f32 rounds in scores over T. Default: no limit.
   */
  readonly tolerance?: number;
}
