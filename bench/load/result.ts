import type { Origin } from "../origin.ts";

/** The contents of bench/results/load.json. */
export interface LoadResult extends Origin {
  /** The version of wrangler, which brings workerd with it. */
  readonly wrangler: string;
  readonly rounds: number;
  readonly sizes: readonly LoadTimes[];
}

/** Medians in milliseconds. */
export interface LoadTimes {
  readonly itemCount: number;
  readonly fileBytes: number;
  /** A load in Node from a buffer. */
  readonly load: number;
  /** The part of the load that validates the tensors. */
  readonly validation: number;
  /** In workerd: the additional time of a request that loads its body, compared with one that only reads it. */
  readonly loadInWorkerd: number;
}
