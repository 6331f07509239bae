import type { Quality } from "../src/train/evaluation/measure.ts";

/** bench/results/exact.json. */
export interface ExactResult {
  readonly machine: string;
  readonly node: string;
  readonly builder: string;
  readonly heads: readonly ExactHead[];
}

export interface ExactHead {
  readonly name: string;
  readonly itemCount: number;
  /** Mean of e^entropy of the softmax over the queries: how many classes share the mass. */
  readonly perplexity: number;
  /** By call, in the order of the table. */
  readonly calls: readonly ExactCall[];
  /** By head budget; then by heads of the proposal by fine codes. */
  readonly sampled: readonly SampledCall[];
}

export interface ExactCall {
  readonly name: string;
  /** µs. */
  readonly median: number;
  readonly mean: number;
  /** Rows read, median over the queries. */
  readonly scored: number;
  /** Name of the call over all rows that gives the same. */
  readonly opponent: string | undefined;
}

export interface SampledCall extends Quality {
  /** Median µs of predict with this budget, k = 10, 100 draws; 0: of 100 draws from the plain proposal. */
  readonly median: number;
}
