// What a call may be given.

export const DEFAULT_SCAN = 1024;
export const DEFAULT_DRAWS = 100;
export const DEFAULT_TARGET_ERROR = 0.05;
export const DEFAULT_RECALL = 0.95;

/** Classes of the head that `scan: "auto"` takes by fine codes. */
export const CODED_HEAD = 4096;

/** Several queries in one call: `query` holds `batch × dim` values, and the answer is an array, also for a batch of one. */
export interface BatchOption {
  readonly batch: number;
}

/** A feature of a query, by its id, a row of the table, or by its name where the index has those. */
export type Feature = number | string;

export interface EncodeOptions {
  /** What each feature weighs. Default: what the build's `pooling` says. */
  readonly weights?: Float32Array | readonly number[];
}

/** One bit a class, lowest first in each byte: class i is bit i % 8 of byte ⌊i / 8⌋, of ⌈N / 8⌉ bytes. */
export interface ClassBitmap {
  readonly bitmap: Uint8Array;
}

/**
 * The distribution that a call is about: the softmax of score / temperature over the classes that take part. Every
 * probability, log Q and estimate is of that distribution exactly; `scores` stay logits, undivided.
 */
export interface ConditionOptions {
  /** From 2^-20 to 2^20, its inverse rounded to f32; default 1. With a bias another temperature than the last call's costs a pass over all classes. */
  readonly temperature?: number;
  /** Classes that take no part. */
  readonly exclude?: ArrayLike<number>;
  /** The only classes that take part. Another set than the last call's costs a pass over all classes. */
  readonly allow?: ArrayLike<number> | ClassBitmap;
}

export interface ScanOption {
  /** Head budget: how many classes are scored exactly, those of the best buckets or the best by code. Default 1,024. */
  readonly scan?: number;
}

export interface ExactOption {
  /** Certain answers over the stored rows. Beside it `scan`, `proposal`, `rescore`, `recall`, `draws` and `targetError` are refused. */
  readonly exact?: boolean;
}

export interface SeedOption {
  /** Same file, limits of load, call and seed: same bits. Taken modulo 2^64; random, and returned, where none is given. */
  readonly seed?: number | bigint;
}

export interface TopKOptions extends ExactOption, ConditionOptions {
  /** Head budget, as in ScanOption; with `rescore` the rows whose fine codes are read, those of the best groups, default all. */
  readonly scan?: number;
  /** Rows, the best by their fine codes, that are scored exactly: needs an index built with `fineCodes`. */
  readonly rescore?: number;
  /**
   * Share of the k best to find: takes the least `scan` and `rescore` that found it for the queries of the build, and above
   * what the build measured answers exactly, with `exact: true` in the answer. It needs an index built with `fineCodes`, where
   * the default is .95, and goes without `scan` and `rescore`. Filters are not reckoned with.
   */
  readonly recall?: number;
}

/** How the head is found and the tail is quantised. */
export type Proposal = (typeof PROPOSALS)[number];
export const PROPOSALS = ["buckets", "codes"] as const;

export interface ProposalOption {
  /**
   * `"buckets"`, the default: the head is the classes of the best buckets, and the tail is quantised by codewords. `"codes"`
   * ranks all classes by their fine codes: the head is the `scan` best, and the tail is the softmax of the codes. It suits
   * diffuse softmaxes over many classes, reads every code, and needs an index built with `fineCodes`.
   */
  readonly proposal?: Proposal;
}

export interface SampleOptions extends ScanOption, ProposalOption, SeedOption, ConditionOptions {
  readonly exact?: false;
}

export interface ExactSampleOptions extends SeedOption, ConditionOptions {
  /** Draws from the softmax itself. */
  readonly exact: true;
}

/** Where `exact` is not known when it compiles. */
export interface AnySampleOptions extends ScanOption, ProposalOption, ExactOption, SeedOption, ConditionOptions {}

export interface LogQOptions extends ScanOption, ProposalOption, ConditionOptions {}

export interface SampleTopKOptions extends ScanOption, ExactOption, SeedOption, ConditionOptions {}

export interface EstimateOptions extends ProposalOption, ExactOption, SeedOption, ConditionOptions {
  /**
   * As in ScanOption. `"auto"` chooses the proposal and the smallest head that meet `targetError`, or scores all rows where
   * none within reach does. It is refused beside `proposal`.
   */
  readonly scan?: number | "auto";
  /** Relative standard error of the partition that `scan: "auto"` aims at; refused without that. Default .05. */
  readonly targetError?: number;
  /** Stratified draws from the tail behind the head. Default 100. */
  readonly draws?: number;
}

export interface LogPartitionOptions extends EstimateOptions {
  /** Widest upper − lower to be content with, from 2^-15: the head grows, and in the end every row is scored, to meet it. */
  readonly tolerance?: number;
}
