import type { Origin } from "../origin.ts";

/** The contents of bench/results/diversity.json. */
export interface DiversityResult extends Origin {
  readonly head: string;
  readonly queries: number;
  /** The median time of a plain topK of the same k is 1. */
  readonly lists: readonly DiverseList[];
}

/** Lists of k classes of a pool, over all queries. */
export interface DiverseList {
  readonly k: number;
  readonly pool: number;
  readonly lambda: number;
  /** The median time, in units of that of a plain topK of k in the same run. */
  readonly time: number;
  /** The mean over the queries of the mean cosine of two classes of a list. */
  readonly cosine: number;
  /** The mean share of the probability of the k best classes that a list has. */
  readonly probability: number;
}
