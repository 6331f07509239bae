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

export interface BagOptions {
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
  /** Head budget: the classes of the best buckets, up to this many, are scored exactly. Default 1,024. */
  readonly scan?: number;
}

export interface ExactOption {
  /** Certain answers over the stored rows. Beside it `scan`, `rescore`, `recall`, `draws` and `targetError` are refused. */
  readonly exact?: boolean;
}

export interface SeedOption {
  /** Same file, limits of load, call and seed: same bits. Taken modulo 2^64; random, and returned, where none is given. */
  readonly seed?: number | bigint;
}

export interface TopOptions extends ExactOption, ConditionOptions {
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

export interface CodedOption {
  /**
   * Needs an index built with `fineCodes`, and goes without `scan`. Head and tail by the fine codes of all classes instead of by buckets: the head
   * are the best by code, this many, scored exactly, and the tail is their softmax. For diffuse heads of many classes.
   */
  readonly rescore?: number;
}

export interface SampleOptions extends ScanOption, CodedOption, SeedOption, ConditionOptions {
  readonly exact?: false;
}

export interface ExactSampleOptions extends SeedOption, ConditionOptions {
  /** Draws from the softmax itself. */
  readonly exact: true;
}

/** Where `exact` is not known when it compiles. */
export interface AnySampleOptions extends ScanOption, CodedOption, ExactOption, SeedOption, ConditionOptions {}

/** What a proposal is. */
export interface ProposalOptions extends ScanOption, CodedOption, ConditionOptions {}

export interface SampleTopOptions extends ScanOption, ExactOption, SeedOption, ConditionOptions {}

export interface EstimateOptions extends CodedOption, ExactOption, SeedOption, ConditionOptions {
  /** As in ScanOption; "auto" takes the least that meets `targetError`, and a full scan where none within reach does. */
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
