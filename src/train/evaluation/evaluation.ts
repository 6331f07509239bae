import type { Proposal } from "../../answers/options.ts";

/** A comparison of the answers of an index to some queries with the exact answers over all stored rows. */
export interface Evaluation {
  /** Number of queries. */
  readonly queryCount: number;
  /** The options that the index was called with. */
  readonly effort: EvaluatedEffort;
  /** Recall for k = 1, 10 and 100, without those k that exceed the number of classes. */
  readonly recall: readonly RecallAt[];
  /** The proposal of the index, then the unigram proposal, if popularity is known, and the uniform proposal. */
  readonly proposals: readonly ProposalQuality[];
  /** The errors of the log-partition. */
  readonly logPartition: LogPartitionErrors;
  /** 90th percentile of |p̂ / p − 1| over the probabilities of the ten best classes that predict returns. */
  readonly probabilityErrorP90: number;
  /** Predicted against exact probabilities, by ascending probability. Bands without a prediction are left out. */
  readonly calibration: readonly CalibrationBand[];
  /** The source of the popularity of classes. "none" means neither counts nor biases, and then there are no bands. */
  readonly popularity: "counts" | "bias" | "none";
  /** The classes by popularity: the most popular 1 %, the next 9 % and the rest. */
  readonly bands: readonly PopularityBand[];
}

/** The options that `evaluate` called the index with. */
export interface EvaluatedEffort {
  /** The proposal of predict and logQ. */
  readonly proposal: Proposal;
  /** The head budget of the proposal. */
  readonly scan: number;
  /** `scan` was left to the library, so predict makes a flagged answer again, as it does for every caller. */
  readonly triesAgain: boolean;
  /** The option `recall` of topK, if it was given. */
  readonly recall?: number | undefined;
  /** Draws of predict. */
  readonly draws: number;
  /** The seed, mod 2⁶⁴. */
  readonly seed: bigint;
}

/** Recall: the mean share of the k best classes that a call finds. */
export interface RecallAt {
  /** The number of best classes. */
  readonly k: number;
  /** Recall of topK, among the k best by refined rows if the index has residuals. */
  readonly topK: number;
  /** Recall of predict. */
  readonly predict: number;
}

/**
 * The quality of independent draws from a proposal Q for the softmax P. Values are means over the queries unless stated.
 */
export interface ProposalQuality {
  /** "midx" is the proposal of the index. */
  readonly name: "midx" | "unigram" | "uniform";
  /** KL(P‖Q) in nats. */
  readonly klDivergence: number;
  /** Total variation between P and Q, 0 … 1. */
  readonly totalVariation: number;
  /** Median of 1 / (1 + χ²(P‖Q)): the effective sample size per draw, in the limit of many draws. */
  readonly effectiveSampleShare: number;
  /** Median of √(χ²(P‖Q) / draws): the relative standard deviation of Ẑ from `draws` draws. */
  readonly partitionDeviation: number;
}

/** The errors log Ẑ − log Z of predict, over the queries. */
export interface LogPartitionErrors {
  /** Mean error. */
  readonly bias: number;
  /** Root mean square error. */
  readonly rootMeanSquare: number;
  /** 90th percentile of the absolute error. */
  readonly p90: number;
  /** Share of the trusted answers, those without `lowEss`, that are within 1.96 standard errors of log Z. NaN without any. */
  readonly coverage: number;
  /** Share of the answers with `lowEss`, whose standard error is not reliable. */
  readonly lowEssShare: number;
  /** The error of each query, ascending. */
  readonly errors: readonly number[];
}

/** Predictions whose probability is at least `from` and below `to`. */
export interface CalibrationBand {
  /** The lowest probability of the band. */
  readonly from: number;
  /** The end of the band, exclusive. It is Infinity for the last band. */
  readonly to: number;
  /** Number of predictions. */
  readonly count: number;
  /** Mean predicted probability. */
  readonly meanPredicted: number;
  /** Mean exact probability of the same classes. */
  readonly meanExact: number;
}

/** Classes of similar popularity. Values are means over the queries unless stated. */
export interface PopularityBand {
  /** "head" is the most popular 1 % of the classes, "torso" the next 9 %, "tail" the rest. */
  readonly name: "head" | "torso" | "tail";
  /** Number of classes. */
  readonly classCount: number;
  /** The probability that the exact softmax gives to the band. */
  readonly exactMass: number;
  /** Expected number of draws in the band, of `draws` draws from the proposal. */
  readonly expectedDraws: number;
  /** The same for draws from the exact softmax. */
  readonly exactDraws: number;
  /** Leading term of the bias when `draws` self-normalised draws estimate exactMass: −Σ P²/Q (1_band − mass) / draws. */
  readonly massBias: number;
  /** Median effective sample size per draw that falls into the band. */
  readonly effectiveSampleShare: number;
}
