/** bench/results/scale.json. */
export interface ScaleResult {
  readonly machine: string;
  readonly node: string;
  readonly builder: string;
  readonly sizes: readonly ScaleSize[];
}

export interface ScaleSize {
  readonly itemCount: number;
  /** Rows are noisy copies of those of the largest real head. */
  readonly isSynthetic: boolean;
  readonly buildSeconds: number;
  readonly loadSeconds: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  /** Recall of the ten best, by the build's own held-out queries, of the call with recall .95. */
  readonly recallAt10: number;
  /** Median µs by call. */
  readonly times: Readonly<Record<string, number>>;
}
