import type { Quality } from "../src/train/evaluation/measure.ts";

/** bench/results/sampling.json. */
export interface SamplingResult {
  readonly machine: string;
  readonly node: string;
  readonly builder: string;
  readonly heads: readonly HeadResult[];
}

export interface HeadResult {
  readonly name: string;
  readonly itemCount: number;
  readonly buildSeconds: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  readonly bucketCount: number;
  readonly largestBucket: number;
  readonly quality: readonly Quality[];
  /** Effective sample size a draw of the plain proposal under other builds. */
  readonly plainShare?: { readonly asInThePaper: number; readonly unweighted: number };
  /** Median µs. */
  readonly times: Readonly<Record<string, number>>;
  /** Median µs of the kernels that predict is made of, one after another. */
  readonly steps: Readonly<Record<string, number>>;
}
