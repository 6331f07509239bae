import type {
  LogPartitionAnswer,
  LogPartitionOfSomeAnswer,
  LogPartitionOptions,
  LogProbabilityAnswer,
  LogProbabilityOptions,
  PredictAnswer,
  PredictOfSomeAnswer,
  PredictOptions,
} from "../../contract/wire.ts";
import type { Query } from "../request-of.ts";
import type { AllowPartial, Answered, AnsweredEach, OfAll, OfSome } from "./answered.ts";
import type { QueryOptions } from "./call-options.ts";

/** Calls that find the most probable classes, and estimate log Z and probabilities. */
export interface ProbabilityCalls {
  /**
   * Finds the k most probable classes with their probabilities, and estimates log Z with its standard error.
   *
   * @param query a vector of `dim` values, or a bag of features
   * @param options k (default 10), conditions, head and draws of the estimate, `signal`
   * @returns the classes, best first, their scores and probabilities, and the estimate of log Z
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { ids, probabilities } = await midx.predict(query, { k: 10, seed: 1 });
   */
  predict(query: Query, options?: PredictOptions & OfAll & QueryOptions): Answered<PredictAnswer>;
  /**
   * Finds the k most probable classes for each of several queries, in one request.
   *
   * @param queries 1 to 100 queries
   * @param options k (default 10), conditions, head and draws of the estimate, `signal`
   * @returns `results`: one answer for each query, in order
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { results } = await midx.predict([query, query], { k: 10, targetError: 0.01 });
   */
  predict(queries: readonly Query[], options?: PredictOptions & OfAll & QueryOptions): AnsweredEach<PredictAnswer>;
  /**
   * Asks a router for the best classes of those parts that answer.
   *
   * @param query a vector of `dim` values
   * @param options as without it, and `partial: "allow"`
   * @returns the answer of all parts, or what some of them tell; `coverage` says which parts it is of
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { ids, coverage } = await midx.predict(query, { k: 10, partial: "allow" });
   */
  predict(
    query: Query,
    options: PredictOptions & AllowPartial & QueryOptions,
  ): Answered<OfSome<PredictAnswer, PredictOfSomeAnswer>>;
  /**
   * The same for each of several queries, in one request.
   *
   * @param queries 1 to 100 queries
   * @param options as without it, and `partial: "allow"`
   * @returns `results`: one answer for each query, in order
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { results } = await midx.predict([query, query], { k: 10, partial: "allow" });
   */
  predict(
    queries: readonly Query[],
    options: PredictOptions & AllowPartial & QueryOptions,
  ): AnsweredEach<OfSome<PredictAnswer, PredictOfSomeAnswer>>;
  /**
   * Estimates log Z with its standard error, between bounds that certainly hold.
   *
   * @param query a vector of `dim` values, or a bag of features
   * @param options `tolerance`, conditions, head and draws of the estimate, `signal`
   * @returns the estimate of log Z, its standard error and its bounds
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { logPartition, lower, upper } = await midx.logPartition(query, { tolerance: 0.1 });
   */
  logPartition(query: Query, options?: LogPartitionOptions & OfAll & QueryOptions): Answered<LogPartitionAnswer>;
  /**
   * Estimates log Z for each of several queries, in one request.
   *
   * @param queries 1 to 100 queries
   * @param options `tolerance`, conditions, head and draws of the estimate, `signal`
   * @returns `results`: one answer for each query, in order
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { results } = await midx.logPartition([query, query], { tolerance: 0.1 });
   */
  logPartition(
    queries: readonly Query[],
    options?: LogPartitionOptions & OfAll & QueryOptions,
  ): AnsweredEach<LogPartitionAnswer>;
  /**
   * Asks a router for log Z by those parts that answer: a lower bound if some are missing.
   *
   * @param query a vector of `dim` values
   * @param options as without it, and `partial: "allow"`
   * @returns the answer of all parts, or what some of them tell; `coverage` says which parts it is of
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { lower, coverage } = await midx.logPartition(query, { partial: "allow" });
   */
  logPartition(
    query: Query,
    options: LogPartitionOptions & AllowPartial & QueryOptions,
  ): Answered<OfSome<LogPartitionAnswer, LogPartitionOfSomeAnswer>>;
  /**
   * The same for each of several queries, in one request.
   *
   * @param queries 1 to 100 queries
   * @param options as without it, and `partial: "allow"`
   * @returns `results`: one answer for each query, in order
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { results } = await midx.logPartition([query, query], { partial: "allow" });
   */
  logPartition(
    queries: readonly Query[],
    options: LogPartitionOptions & AllowPartial & QueryOptions,
  ): AnsweredEach<OfSome<LogPartitionAnswer, LogPartitionOfSomeAnswer>>;
  /**
   * Estimates the log-probabilities of the classes `ids`, in their order. A class that takes no part has null.
   *
   * @param query a vector of `dim` values, or a bag of features
   * @param options `ids`, conditions, head and draws of the estimate, `signal`
   * @returns one log-probability for each of `ids`, and the estimate of log Z
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { logProbabilities } = await midx.logProbability(query, { ids: [7, 42] });
   */
  logProbability(query: Query, options: LogProbabilityOptions & QueryOptions): Answered<LogProbabilityAnswer>;
  /**
   * Estimates the log-probabilities of the classes `ids` for each of several queries, in one request.
   *
   * @param queries 1 to 100 queries
   * @param options `ids`, conditions, head and draws of the estimate, `signal`
   * @returns `results`: one answer for each query, in order
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { results } = await midx.logProbability([query, query], { ids: [7, 42] });
   */
  logProbability(
    queries: readonly Query[],
    options: LogProbabilityOptions & QueryOptions,
  ): AnsweredEach<LogProbabilityAnswer>;
}
