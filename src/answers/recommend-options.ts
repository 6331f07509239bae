// The options of calls that recommend: diverse answers, exploration, and slates.

/** The default weight of relevance against similarity, as LangChain and Qdrant have it. */
export const DEFAULT_LAMBDA = 0.5;
/** The default pool holds this many times k classes, and at least LEAST_POOL. */
export const POOL_FACTOR = 4;
export const LEAST_POOL = 64;

/** Returns the size of the default pool for `k` classes: at most `most`, but never fewer than k. */
export const defaultPool = (k: number, most: number): number =>
  Math.max(k, Math.min(most, Math.max(POOL_FACTOR * k, LEAST_POOL)));

/** The choice of diverse answers. */
export interface Diversity {
  /** The weight of relevance against similarity, 0 to 1. With 1 the answer is that without `diversity`. Default 0.5. */
  readonly lambda?: number;
  /** The number of best classes to choose from, k to `maxK` of load. Default: 4 k, at least 64 and at most `maxK`. */
  readonly pool?: number;
}

/** The option of `topK` and `predict` for diverse answers. */
export interface DiversityOption {
  /**
   * Chooses the k classes one after the other by maximal marginal relevance from a pool of the best: each time the class
   * with the largest lambda · relevance − (1 − lambda) · similarity (docs/recommend.md). Its relevance is its score, from
   * 0 for the lowest to 1 for the highest of the pool, and its similarity the largest cosine of its stored row and that
   * of a class chosen before. The answer is in the order of the choices. It takes O(k · pool · D).
   */
  readonly diversity?: Diversity;
}

/** The part of a mixture that is drawn by popularity. */
export interface PopularityShare {
  /** The share of the draws, 0 to 1. */
  readonly share: number;
  /**
   * The power of the popularity, which is e^bias: 0 to 1,024, rounded to f32. With 0 all classes are alike. Default 1.
   */
  readonly power?: number;
}

/** The shares of draws that explore. What is left of 1 is drawn from the proposal. */
export interface Mixture {
  /** The share of the draws that is uniform over the classes that are not filtered out, 0 to 1. Default 0. */
  readonly uniform?: number;
  /** The share that goes by popularity. Needs an index built with `bias`. Default: none. */
  readonly popularity?: PopularityShare;
}

/** The option of `sample` and `logQ` for exploration with exact propensities. */
export interface MixtureOption {
  /**
   * Draws from Q′ = (1 − e − d) Q + e U + d P instead of the proposal Q, with e = `uniform`, U uniform, d =
   * `popularity.share` and P in proportion to (e^bias)^`popularity.power`, all over the classes that are not filtered out.
   * `logQ` is log Q′ of every class. It bounds the importance weight of a class by 1 / (e U). Default: Q alone.
   */
  readonly mixture?: Mixture;
}

/** A mixture as a call uses it: shares that sum to at most 1. */
export interface MixtureShares {
  readonly uniform: number;
  readonly popularity: number;
  readonly power: number;
}
