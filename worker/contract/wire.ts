import type { IndexInfo } from "../../src/index/info.ts";

// What goes over HTTP, as plain types that need no package: midx/client is typed by them, and test/wire.test.ts holds them
// to the schemas of requests (schemas.ts) and of answers (openapi/answers.ts). A number that JSON has not is null.

/** A class: its id, or its label where the index has labels. */
export type ClassName = number | string;

/** A query that the service makes of features, by id or by name, of an index built with a table of them. */
export interface Bag {
  /** Where order matters the nearest is first. */
  readonly features: readonly (number | string)[];
  /** What each weighs; without, what the index's pooling says. */
  readonly weights?: readonly number[];
}

/** Of every question: the distribution that it is about, and how it is drawn from. */
export interface QuestionOptions {
  /** The softmax is of score / temperature. From 2^-20 to 2^20, default 1. */
  readonly temperature?: number;
  /** Classes that take no part, at most 10,000. */
  readonly exclude?: readonly ClassName[];
  /** The only classes that take part, at most 10,000. */
  readonly allow?: readonly ClassName[];
  /** Same index, question and seed: same answer. A seed of 64 bits needs a bigint, or its digits, which answers give. */
  readonly seed?: number | bigint | string;
  /** Certain answers from all rows. Default false. */
  readonly exact?: boolean;
}

export interface EstimateOptions extends QuestionOptions {
  /** Head budget: classes of the best buckets that are scored exactly; "auto" takes what `targetError` needs. Default 1,024. */
  readonly scan?: number | "auto";
  /** Relative standard error of the partition that `scan: "auto"` aims at. Default .05. */
  readonly targetError?: number;
  /** Head of this many classes by fine codes, of an index that has them. */
  readonly rescore?: number;
  /** Draws from the tail behind the head, at most 4,096. Default 100. */
  readonly draws?: number;
}

export interface PredictOptions extends EstimateOptions {
  /** Classes to find, at most 1,000. Default 10. */
  readonly k?: number;
}

export interface LogprobOptions extends EstimateOptions {
  /** Classes that are asked for, at most 10,000. */
  readonly ids: readonly ClassName[];
}

export interface LogzOptions extends EstimateOptions {
  /** Widest upper − lower to be content with. */
  readonly tolerance?: number;
}

export interface SampleOptions extends QuestionOptions {
  /** Independent draws, at most 4,096. */
  readonly draws: number;
  /** Head budget of the proposal. Default 1,024. */
  readonly scan?: number;
  /** Head of this many classes by fine codes, of an index that has them. */
  readonly rescore?: number;
}

export interface SampleTopOptions extends QuestionOptions {
  /** Distinct classes, at most 1,000. */
  readonly k: number;
  /** Head budget of the proposal. Default 1,024. */
  readonly scan?: number;
}

/** Of Vectorize's query. */
export interface QueryOptions {
  /** Classes to find, at most 1,000. Default 5. */
  readonly topK?: number;
  /** Whether each match has its stored row. Default false. */
  readonly returnValues?: boolean;
  /** Whether each match has metadata: its label for "all" and true. Nothing is indexed. Default "none". */
  readonly returnMetadata?: boolean | "none" | "indexed" | "all";
}

/** Before every answer. */
export interface Said {
  /** Of the index that answered. */
  readonly version: string;
  readonly requestId: string;
}

/** The answers to several queries, in their order. */
export interface Several<Answer> extends Said {
  readonly results: readonly Answer[];
}

/** What `scan: "auto"` took, and what it went by. */
export interface Choice {
  readonly scan: number;
  readonly rescore?: number;
  readonly exact: boolean;
  readonly headShare: number;
  readonly expectedError: number | null;
  readonly expectedErrorAtFirst: number | null;
}

/** What every estimate says of itself. */
export interface EstimatedAnswer {
  /** Estimated log Z; null where no class takes part. */
  readonly logPartition: number | null;
  /** Of logPartition; null where it can't be told. */
  readonly standardError: number | null;
  readonly effectiveSampleSize: number;
  /** Share of the estimate that was summed, not sampled. */
  readonly headShare: number;
  /** Do not trust standardError. */
  readonly lowEss: boolean;
  /** Rows read. */
  readonly scored: number;
  /** Decimal digits. */
  readonly seed: string;
  readonly choice?: Choice;
}

/** Classes by their ids and, where the index has labels, by these. */
interface Classes {
  readonly ids: readonly number[];
  readonly labels?: readonly string[];
  /** Exact logits. */
  readonly scores: readonly number[];
}

export interface PredictAnswer extends Classes, EstimatedAnswer {
  readonly probabilities: readonly number[];
  /** The classes are certainly the k best. */
  readonly exact: boolean;
}

export interface LogprobAnswer extends EstimatedAnswer {
  /** By class asked for; null for one that takes no part. */
  readonly logProbabilities: readonly (number | null)[];
}

export interface LogzAnswer extends EstimatedAnswer {
  /** log Z is certainly at least this, */
  readonly lower: number | null;
  /** and at most this. */
  readonly upper: number | null;
}

/** Draws from the softmax itself. */
export interface ExactDrawsAnswer extends Classes {
  readonly effectiveSampleSize: number;
  readonly scored: number;
  readonly seed: string;
}

export interface DrawsAnswer extends ExactDrawsAnswer {
  /** Log-probability that each was drawn with. */
  readonly logQ: readonly number[];
}

export interface SampleTopAnswer extends Classes {
  /** log mass + Gumbel noise, descending. */
  readonly keys: readonly number[];
  /** The largest key that is not in the sample; null where all classes are. */
  readonly threshold: number | null;
  /** Σ f(ids[i]) e^logWeights[i] is unbiased for Σ f(j) e^(score_j / temperature). */
  readonly logWeights: readonly number[];
  readonly exact: boolean;
  readonly scored: number;
  readonly seed: string;
}

export interface QueryMatch {
  /** The label where the index has labels, otherwise the number of the class. */
  readonly id: string;
  /** The exact logit. */
  readonly score: number;
  readonly values?: readonly number[];
  readonly metadata?: { readonly label?: string };
}

/** Vectorize's matches, the best first. */
export interface QueryAnswer {
  readonly count: number;
  readonly matches: readonly QueryMatch[];
}

/** The index that is served: `info` of the library, and its version. */
export interface InfoAnswer extends IndexInfo {
  readonly version: string;
}

/** "degraded" where a newer index is published that can't be served. */
export interface ReadyAnswer {
  readonly status: "ready" | "degraded";
  readonly version: string;
  readonly contentId: string;
  readonly reason?: { readonly code: string; readonly detail: string };
}
