import type {
  DrawsAnswer,
  ExactDrawsAnswer,
  SampleOptions,
  SampleTopKAnswer,
  SampleTopKOptions,
  SlateLogProbabilityAnswer,
  SlateLogProbabilityOptions,
} from "../../contract/wire.ts";
import type { Query } from "../request-of.ts";
import type { Answered, AnsweredEach } from "./answered.ts";
import type { QueryOptions } from "./call-options.ts";

type ExactSampleOptions = SampleOptions & {
  /** The draws come from the softmax itself. */
  readonly exact: true;
};
type PlainSampleOptions = SampleOptions & {
  /** The draws come from the proposal. */
  readonly exact?: false;
};

/** Calls that draw classes, and compute the log-probability of drawing given ones. */
export interface DrawCalls {
  /**
   * Draws `draws` classes independently, with replacement, from the proposal.
   *
   * @param query a vector of `dim` values, or a bag of features
   * @param options the number of draws, conditions, head, proposal, seed, `signal`
   * @returns the draws, each with its exact logit and its log Q
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { ids, logQ } = await midx.sample(query, { draws: 50, seed: 1 });
   */
  sample(query: Query, options: PlainSampleOptions & QueryOptions): Answered<DrawsAnswer>;
  /**
   * Draws `draws` classes independently, with replacement, from the softmax itself.
   *
   * @param query a vector of `dim` values, or a bag of features
   * @param options the number of draws, `exact: true`, conditions, seed, `signal`
   * @returns the draws, each with its exact logit, without log Q
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { ids, scores } = await midx.sample(query, { draws: 50, exact: true, seed: 1 });
   */
  sample(query: Query, options: ExactSampleOptions & QueryOptions): Answered<ExactDrawsAnswer>;
  /**
   * Draws classes from the softmax itself or from the proposal, as the program decides.
   *
   * @param query a vector of `dim` values, or a bag of features
   * @param options as of the other two, with `exact` true or false
   * @returns the drawn classes and their scores; draws from the proposal have their log Q
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const exact = Math.random() < 0.01; // now and then, to compare with
   * const { ids, scores } = await midx.sample(query, { draws: 50, exact, seed: 1 });
   */
  sample(query: Query, options: SampleOptions & QueryOptions): Answered<DrawsAnswer | ExactDrawsAnswer>;
  /**
   * Draws classes from the proposal for each of several queries, in one request.
   *
   * @param queries 1 to 100 queries
   * @param options the number of draws, conditions, head, proposal, seed, `signal`
   * @returns `results`: one answer for each query, in order
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { results } = await midx.sample([query, query], { draws: 50, seed: 1 });
   */
  sample(queries: readonly Query[], options: PlainSampleOptions & QueryOptions): AnsweredEach<DrawsAnswer>;
  /**
   * Draws classes from the softmax itself for each of several queries, in one request.
   *
   * @param queries 1 to 100 queries
   * @param options the number of draws, `exact: true`, conditions, seed, `signal`
   * @returns `results`: one answer for each query, in order
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { results } = await midx.sample([query, query], { draws: 50, exact: true, seed: 1 });
   */
  sample(queries: readonly Query[], options: ExactSampleOptions & QueryOptions): AnsweredEach<ExactDrawsAnswer>;
  /**
   * The same for each of several queries, in one request, where the program decides whether draws are exact.
   *
   * @param queries 1 to 100 queries
   * @param options as of the other two, with `exact` true or false
   * @returns `results`: one answer for each query, in order
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const exact = Math.random() < 0.01; // now and then, to compare with
   * const { results } = await midx.sample([query, query], { draws: 50, exact, seed: 1 });
   */
  sample(
    queries: readonly Query[],
    options: SampleOptions & QueryOptions,
  ): AnsweredEach<DrawsAnswer | ExactDrawsAnswer>;
  /**
   * Draws k distinct classes, with weights that make sums over all classes unbiased.
   *
   * @param query a vector of `dim` values, or a bag of features
   * @param options k, `exact`, conditions, head, seed, `signal`
   * @returns the classes in the order in which they are drawn, with their scores and weights
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { ids, scores, logWeights } = await midx.sampleTopK(query, { k: 20, seed: 1 });
   */
  sampleTopK(query: Query, options: SampleTopKOptions & QueryOptions): Answered<SampleTopKAnswer>;
  /**
   * Draws k distinct classes for each of several queries, in one request.
   *
   * @param queries 1 to 100 queries
   * @param options k, `exact`, conditions, head, seed, `signal`
   * @returns `results`: one answer for each query, in order
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { results } = await midx.sampleTopK([query, query], { k: 20, seed: 1 });
   */
  sampleTopK(queries: readonly Query[], options: SampleTopKOptions & QueryOptions): AnsweredEach<SampleTopKAnswer>;
  /**
   * Computes the log-probability of drawing the classes `ids` in this order, each from those that are left.
   *
   * @param query a vector of `dim` values, or a bag of features
   * @param options `ids`, which must differ, conditions, head, proposal, `exact`, `signal`
   * @returns the log-probability of the slate, and of each class among those that were left
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { logProbability } = await midx.slateLogProbability(query, { ids: [7, 42, 3] });
   */
  slateLogProbability(
    query: Query,
    options: SlateLogProbabilityOptions & QueryOptions,
  ): Answered<SlateLogProbabilityAnswer>;
  /**
   * Computes the log-probability of one slate for each of several queries, in one request.
   *
   * @param queries 1 to 100 queries
   * @param options `ids`, which must differ, conditions, head, proposal, `exact`, `signal`
   * @returns `results`: one answer for each query, in order
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { results } = await midx.slateLogProbability([query, query], { ids: [7, 42, 3] });
   */
  slateLogProbability(
    queries: readonly Query[],
    options: SlateLogProbabilityOptions & QueryOptions,
  ): AnsweredEach<SlateLogProbabilityAnswer>;
}
