import type { Proposal } from "../../answers/options.ts";

/** Compares an index's answers to these queries with every class of the stored rows enumerated. */
export interface Evaluation {
  readonly queryCount: number;
  readonly effort: EvaluatedEffort;
  /** For k = 1, 10 and 100, as far as there are so many classes. */
  readonly recall: readonly RecallAt[];
  /** The index's own proposal first, then those it is an alternative to. */
  readonly proposals: readonly ProposalQuality[];
  readonly logPartition: LogPartitionErrors;
  /** 90th percentile of |p̂ / p − 1| over the probabilities that predict gives for its ten best classes. */
  readonly probabilityErrorP90: number;
  /** By ascending probability; bands without a class are left out. */
  readonly calibration: readonly CalibrationBand[];
  /** Says what classes were sorted by; "none": the index has no bias and there were no counts, so no bands either. */
  readonly popularity: "counts" | "bias" | "none";
  readonly bands: readonly PopularityBand[];
}

export interface EvaluatedEffort {
  readonly proposal: Proposal;
  readonly scan: number;
  readonly recall?: number | undefined;
  readonly draws: number;
  readonly seed: bigint;
}

/** Mean share of the k best classes that a call finds. */
export interface RecallAt {
  readonly k: number;
  readonly topK: number;
  readonly predict: number;
}

/** The quality of independent draws; means over the queries unless named otherwise. */
export interface ProposalQuality {
  readonly name: "midx" | "unigram" | "uniform";
  /** KL(P‖Q), nats. */
  readonly klDivergence: number;
  readonly totalVariation: number;
  /** Median of 1 / (1 + χ²(P‖Q)): effective sample size a draw, in the limit of many. */
  readonly effectiveSampleShare: number;
  /** Median of √(χ²(P‖Q) / draws): relative standard deviation of Ẑ from `draws` of them. */
  readonly partitionDeviation: number;
}

/** The errors log Ẑ − log Z of predict. */
export interface LogPartitionErrors {
  readonly bias: number;
  readonly rootMeanSquare: number;
  /** 90th percentile of the magnitude. */
  readonly p90: number;
  /** Share of the queries whose log Z is within 1.96 standard errors, which should be .95. */
  readonly coverage: number;
  /** Share of the answers that say themselves not to trust their standard error. */
  readonly lowEssShare: number;
  /** Every query's, ascending. */
  readonly errors: readonly number[];
}

/** Predictions of from ≤ probability < to. */
export interface CalibrationBand {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanPredicted: number;
  readonly meanExact: number;
}

/** Classes of about one popularity; means over the queries unless named otherwise. */
export interface PopularityBand {
  readonly name: "head" | "torso" | "tail";
  readonly classCount: number;
  /** Share of the exact softmax. */
  readonly exactMass: number;
  /** Draws expected among `draws`: of the proposal, */
  readonly expectedDraws: number;
  /** and of the softmax itself. */
  readonly exactDraws: number;
  /** Leading term of the bias of exactMass as `draws` self-normalised draws estimate it: −Σ P²/Q (1_band − mass) / draws. */
  readonly massBias: number;
  /** Median of the effective sample size a draw that falls into the band. */
  readonly effectiveSampleShare: number;
}
