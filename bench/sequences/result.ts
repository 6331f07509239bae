import type { Baseline } from "../../src/train/sequences/baselines.ts";
import type { Difference } from "./difference.ts";
import type { Comparison, SamplerName } from "./plan.ts";
import type { RankFigure } from "./protocols.ts";
import type { Figures } from "./training.ts";

/** The contents of bench/results/sequences.json. */
export interface SequencesResult {
  readonly comparisons: readonly Compared[];
}

/** A value for each figure of a protocol. */
export type ByFigure<Value> = Readonly<Partial<Record<RankFigure, Value>>>;

/** The finished runs of a comparison. */
export interface Compared extends Comparison {
  readonly machine: string;
  readonly node: string;
  /** Empty for texts. */
  readonly baselines: readonly (ByFigure<number> & { readonly name: Baseline })[];
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
export interface PairDifference extends ByFigure<Difference> {
  readonly a: Contender;
  readonly b: Contender;
  readonly seeds: number;
}
