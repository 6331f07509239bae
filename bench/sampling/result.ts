import type { Quality } from "../../src/train/evaluation/measure.ts";
import type { Origin } from "../origin.ts";

/** The contents of bench/results/sampling.json. */
export interface SamplingResult extends Origin {
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
  /** The effective sample size for each draw of the plain proposal under other builds. */
  readonly plainShare?: { readonly asInThePaper: number; readonly unweighted: number };
  /** Median microseconds by call. */
  readonly times: Readonly<Record<string, number>>;
  /** Median microseconds of a full softmax in C++, where it is compiled (native-softmax.ts). */
  readonly nativeSoftmax?: number;
  /** Median microseconds of the kernels that make up `predict`, one after another as in a call. */
  readonly steps: Readonly<Record<string, number>>;
  /** The same, each run again and again for one query. */
  readonly warmSteps: Readonly<Record<string, number>>;
}
