import type { Origin } from "../origin.ts";

/** The contents of bench/results/decode.json. */
export interface DecodeResult extends Origin {
  readonly builder: string;
  readonly heads: readonly DecodeHead[];
}

export interface DecodeHead {
  readonly name: string;
  readonly itemCount: number;
  readonly calls: readonly DecodeCall[];
  readonly laws: readonly DecodeLaw[];
}

export interface DecodeCall {
  readonly name: string;
  /** The median time, and the mean one, in those of predict in the same run. */
  readonly median: number;
  readonly mean: number;
}

/** A nucleus by the estimate, beside the true one. */
export interface DecodeLaw {
  readonly topP: number;
  readonly temperature: number;
  readonly queries: number;
  /** The classes in the true nucleus: the median and the 90th percentile over the queries. */
  readonly keptMedian: number;
  readonly keptP90: number;
  /** The share of the answers from all rows. */
  readonly exactShare: number;
  /** The total variation between the kept law and the true one. */
  readonly distanceMean: number;
  readonly distanceP90: number;
}
