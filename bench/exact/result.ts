import type { Quality } from "../../src/train/evaluation/measure.ts";
import type { Origin } from "../origin.ts";

/** The contents of bench/results/exact.json. */
export interface ExactResult extends Origin {
  readonly builder: string;
  readonly heads: readonly ExactHead[];
}

export interface ExactHead {
  readonly name: string;
  readonly itemCount: number;
  /** The mean of e^entropy of the softmax over the queries: the number of classes that share the mass. */
  readonly perplexity: number;
  /** The calls, in the order of the table. */
  readonly calls: readonly ExactCall[];
  /** The sampled calls: by head budget, then by the heads of the proposal by fine codes. */
  readonly sampled: readonly SampledCall[];
}

export interface ExactCall {
  readonly name: string;
  /** Microseconds. */
  readonly median: number;
  readonly mean: number;
  /** The median over the queries of the rows read. */
  readonly scored: number;
  /** The name of the call over all rows that gives the same answer. */
  readonly opponent: string | undefined;
}

export interface SampledCall extends Quality {
  /**
   * The median microseconds of predict with this budget, k = 10 and 100 draws. With a budget of 0: of 100 draws from
   * the plain proposal.
   */
  readonly median: number;
}
