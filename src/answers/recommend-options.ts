// The options of calls that recommend: diverse answers, exploration, and slates.

/** The default weight of relevance against similarity, as LangChain and Qdrant have it. */
export const DEFAULT_LAMBDA = 0.5;
/** The default pool holds this many times k classes, and at least so many. */
export const POOL_FACTOR = 4;
export const LEAST_POOL = 64;

/** The choice of diverse answers. */
export interface Diversity {
  /** The weight of relevance against similarity, 0 to 1. With 1 the answer is that without `diversity`. Default 0.5. */
  readonly lambda?: number;
  /** The number of best classes to choose from, k to `maxK` of load. Default: 4 k, and at least 64. */
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
