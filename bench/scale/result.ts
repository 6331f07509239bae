import type { Origin } from "../origin.ts";

/** The contents of bench/results/scale.json. */
export interface ScaleResult extends Origin {
  readonly builder: string;
  /** The commit of the files and of their memory, where they are measured again after the times (`--sizes`). */
  readonly sizesCommit?: string;
  readonly sizes: readonly ScaleSize[];
}

export interface ScaleSize {
  readonly itemCount: number;
  /** The rows are noisy copies of those of the largest real head. */
  readonly isSynthetic: boolean;
  readonly buildSeconds: number;
  readonly loadSeconds: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  /** The recall of the ten best with recall: 0.95, by the build's own held-out queries. */
  readonly recallAt10: number;
  /** Median microseconds by call. */
  readonly times: Readonly<Record<string, number>>;
}
