/** bench/results/load.json. */
export interface LoadResult {
  readonly machine: string;
  readonly node: string;
  /** With its workerd. */
  readonly wrangler: string;
  readonly rounds: number;
  readonly sizes: readonly LoadTimes[];
}

/** Milliseconds, medians. */
export interface LoadTimes {
  readonly itemCount: number;
  readonly fileBytes: number;
  /** In Node, from a buffer. */
  readonly load: number;
  /** Of it, the validation of the tensors. */
  readonly validation: number;
  /** In workerd: what a request takes longer that loads its body than one that reads it. */
  readonly loadInWorkerd: number;
}
