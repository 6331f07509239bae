// What a call may be given.

export const DEFAULT_SCAN = 1024;
export const DEFAULT_DRAWS = 100;

/** Several queries in one call: `query` holds `batch × dim` values, and the answer is an array. */
export interface BatchOption {
  readonly batch: number;
}

export interface ScanOption {
  /** Head budget: the classes of the best buckets, up to this many, are scored exactly. Default 1,024. */
  readonly scan?: number;
}

export interface ExactOption {
  /** Every row is scored: certain answers at O(N·D) a query. `scan` and `draws` then change nothing. */
  readonly exact?: boolean;
}

export interface SeedOption {
  /** Same file, call and seed: same bits. Taken modulo 2^64; random, and returned, where none is given. */
  readonly seed?: number | bigint;
}

export interface SampleOptions extends ScanOption, ExactOption, SeedOption {}

export interface EstimateOptions extends ScanOption, ExactOption, SeedOption {
  /** Stratified draws from the tail behind the head. Default 100. */
  readonly draws?: number;
}
