import type { Baseline } from "./baselines.ts";
import type { Difference } from "./difference.ts";
import type { Comparison, SamplerName } from "./plan.ts";
import type { Figures } from "./training.ts";

/** The contents of bench/results/sequences.json. */
export interface SequencesResult {
  readonly machine: string;
  readonly node: string;
  readonly comparisons: readonly Compared[];
}

/** Recall and NDCG at 10, of all items but those that the sequence has already. */
export interface RankFigures {
  readonly recall: number;
  readonly ndcg: number;
}

/** The finished runs of a comparison. */
export interface Compared extends Comparison {
  /** Empty for texts. */
  readonly baselines: readonly (RankFigures & { readonly name: Baseline })[];
  readonly entries: readonly Entry[];
  /** Between entries, and between each entry and item-to-item counts. Empty for texts. */
  readonly differences: readonly PairDifference[];
}

/** The runs of one sampler. */
export interface Entry {
  readonly sampler: SamplerName;
  readonly seeds: number;
  /** The epochs that the held-out items chose, by seed. */
  readonly chosen: readonly number[];
  /** Means of CPU seconds of the steps of an epoch. */
  readonly secondsPerEpoch: number;
  /** Means over the seeds, and their standard deviations. */
  readonly test: Figures;
  readonly deviation: Figures;
  /** Means over the seeds after each epoch. */
  readonly heldOutLoss: readonly number[];
  /** Empty for texts. */
  readonly heldOutRecall: readonly number[];
}

export type Contender = SamplerName | "item-to-item counts";

/** How much more `a` has than `b`, over the seeds that both have. */
export interface PairDifference {
  readonly a: Contender;
  readonly b: Contender;
  readonly seeds: number;
  readonly recall: Difference;
  readonly ndcg: Difference;
}
