/**
 * Calls a midx service over HTTP, with nothing but `fetch`. {@link createClient} returns a client with the methods of
 * the service, and {@link createVectorizeBinding} one with the methods of Workers' Vectorize binding. Failures are
 * {@link MidxError}s.
 *
 * @module
 */

import { type ClientOptions, callerOf } from "./client/call.ts";
import { json, listed, type Query, requestOf, type Vector } from "./client/request-of.ts";
import type { EncodedSequence, SequenceQuery, SequenceState } from "./client/sequences.ts";
import { type Mutation, type UpsertedClasses, type WriteOptions, write } from "./client/writes.ts";
import type {
  BatchAnswer,
  CoveredAnswer,
  DecodeAnswer,
  DecodeOptions,
  DrawsAnswer,
  ExactDrawsAnswer,
  InfoAnswer,
  LogPartitionAnswer,
  LogPartitionOfSomeAnswer,
  LogPartitionOptions,
  LogProbabilityAnswer,
  LogProbabilityOptions,
  PredictAnswer,
  PredictOfSomeAnswer,
  PredictOptions,
  ReadyAnswer,
  ResponseMeta,
  RoutedAnswer,
  SampleOptions,
  SampleTopKAnswer,
  SampleTopKOptions,
  SlateLogProbabilityAnswer,
  SlateLogProbabilityOptions,
  VectorizeAnswer,
  VectorizeOptions,
} from "./contract/wire.ts";

export { type ClientOptions, MidxError } from "./client/call.ts";
export type { Query, Vector } from "./client/request-of.ts";
export type { EncodedSequence, SequenceQuery, SequenceState } from "./client/sequences.ts";
export * from "./client/vectorize-binding.ts";
export type { Mutation, UpsertedClasses, WriteOptions } from "./client/writes.ts";
export type * from "./contract/wire.ts";

/** Options of every call. */
export interface CallOptions {
  /** Cancels the request: the call rejects with the signal's reason. Default none. */
  readonly signal?: AbortSignal;
}

/** Options of every call that answers for queries. */
export interface QueryOptions extends CallOptions {
  /**
   * The least mutation that the answer must have, for a service that takes changes: `mutationId` of a write, or `mutation` of
   * an answer. Default none.
   */
  readonly minMutation?: string | number;
}

type Answered<Answer> = Promise<ResponseMeta & Answer>;
type AnsweredEach<Answer> = Promise<BatchAnswer<Answer>>;
type AllowPartial = {
  /** If parts are missing, a router answers with the values that are certain from the others. */
  readonly partial: "allow";
};
type OfAll = {
  /** A router answers with a 503 if parts are missing. */
  readonly partial?: "refuse";
};
/** `coverage` says which: without the fields of the answer of all parts, some are missing. */
type OfSome<Whole, Some> = (Whole & CoveredAnswer) | Some;
type ExactSampleOptions = SampleOptions & {
  /** The draws come from the softmax itself. */
  readonly exact: true;
};
type PlainSampleOptions = SampleOptions & {
  /** The draws come from the proposal. */
  readonly exact?: false;
};

/**
 * The methods of the service. A single query gets one answer. An array of 1 to 100 queries gets `results` in the same
 * order.
 *
 * Every method rejects with a `MidxError` if the service refuses the request: 400 `invalid_field` names the field that is
 * wrong, 400 `too_much_work` asks for a smaller request, 503 means that no index can be served now. openapi.json lists all
 * codes. If the network fails or the signal aborts, a method rejects with the error of `fetch`.
 */
export interface Client {
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
   * const { results } = await midx.predict([query, query], { k: 10, scan: "auto", targetError: 0.01 });
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
  /**
   * Draws the next class as decoders of language models do: from the softmax at a temperature, truncated by `top_k`,
   * `top_p` and `min_p`. Temperature 0 is greedy. Options and answers have the names of OpenAI and vLLM.
   *
   * @param query a vector of `dim` values, or a bag of features
   * @param options temperature, truncations and their order, conditions, seed, `logprobs`, `signal`
   * @returns the class, its log-probability among the kept ones, and what decided which are kept
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { id, logprob } = await midx.decode(query, { temperature: 0.7, min_p: 0.05, logit_bias: { 3: -Infinity }, seed: 1 });
   */
  decode(query: Query, options?: DecodeOptions & QueryOptions): Answered<DecodeAnswer>;
  /**
   * Draws the next class for each of several queries, in one request. `conditions` gives each its own history.
   *
   * @param queries 1 to 100 queries
   * @param options temperature, truncations and their order, conditions, seed, `logprobs`, `signal`
   * @returns `results`: one answer for each query, in order
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const conditions = [{ temperature: 0 }, { history: [7, 7], frequency_penalty: 0.5 }];
   * const { results } = await midx.decode([query, query], { top_p: 0.9, conditions, seed: 1 });
   */
  decode(queries: readonly Query[], options?: DecodeOptions & QueryOptions): AnsweredEach<DecodeAnswer>;
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
  /**
   * Finds the `topK` best classes (default 5) by `POST /v1/query`, which speaks Cloudflare Vectorize's protocol.
   *
   * @param query a vector of `dim` values
   * @param options `topK`, and what each match contains besides id and score; `signal`
   * @returns the matches, best first
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { matches } = await midx.vectorizeQuery(query, { topK: 3, returnMetadata: "all" });
   */
  vectorizeQuery(query: Vector, options?: VectorizeOptions & OfAll & QueryOptions): Answered<VectorizeAnswer>;
  /**
   * Asks a router for the best classes of those parts that answer, by Vectorize's protocol.
   *
   * @param query a vector of `dim` values
   * @param options as without it, and `partial: "allow"`
   * @returns the matches, best first; `coverage` says which parts they are of
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { matches, coverage } = await midx.vectorizeQuery(query, { topK: 3, partial: "allow" });
   */
  vectorizeQuery(
    query: Vector,
    options: VectorizeOptions & AllowPartial & QueryOptions,
  ): Answered<VectorizeAnswer & CoveredAnswer>;
  /**
   * Describes the index that is served: its version, sizes and content id, and of a router its parts.
   *
   * @param options `signal`
   * @returns the facts about the index
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { version, itemCount, dim } = await midx.info();
   */
  info(options?: CallOptions): Promise<InfoAnswer & Partial<RoutedAnswer>>;
  /**
   * Makes the query of a sequence, and the state after it, for a service whose index has an encoder (midx/sequences).
   *
   * @param sequence ids of classes or their labels, in the order in which they occurred, at least one
   * @param options the state after the items before these, the treatment of unknown items, `minMutation`, `signal`
   * @returns the query, which every method takes as a vector, and the state
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { vector, state } = await midx.encode([17, 4]);
   * const next = await midx.encode([9], { state });
   */
  encode(
    sequence: SequenceQuery["sequence"],
    options?: Pick<SequenceQuery, "unknownItems"> & {
      /** The state of an answer. Default: that before the first item. */
      readonly state?: SequenceState;
    } & QueryOptions,
  ): Promise<EncodedSequence>;
  /**
   * Tells that an index is served, and loads it if no request has done so yet. Rejects with a 503 if none can be
   * served.
   *
   * @param options `signal`
   * @returns `status: "degraded"`, with the reason, if a newer index is published that cannot be served; otherwise
   *   "ready"
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { status, version } = await midx.ready();
   */
  ready(options?: CallOptions): Promise<ReadyAnswer>;
  /**
   * Adds classes, or gives them other rows, at a service that takes changes (midx/live): all of them, or none.
   *
   * @param classes at most 1,000 classes by label, with their rows
   * @param options a key that makes a repeated call the same one, `signal`
   * @returns the mutation, which is kept, for `minMutation` of later calls
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { mutationId } = await midx.upsert({ labels: ["new shoe"], rows: [query] }, { idempotencyKey: "import-7" });
   */
  upsert(classes: UpsertedClasses, options?: WriteOptions): Promise<Mutation>;
  /**
   * Removes classes at a service that takes changes (midx/live). A label that it does not have is no error.
   *
   * @param labels at most 1,000 labels
   * @param options a key that makes a repeated call the same one, `signal`
   * @returns the mutation, which is kept, for `minMutation` of later calls
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { mutationId } = await midx.delete(["sold out"]);
   */
  delete(labels: readonly string[], options?: WriteOptions): Promise<Mutation>;
}

/** The options that the client itself looks at. */
interface SentOptions extends CallOptions {
  readonly seed?: number | bigint | string;
}

interface VectorizeReply {
  readonly result: VectorizeAnswer;
  readonly headers: Headers;
}

/**
 * Creates a client of a midx service. It sends Float32Arrays as raw bytes, and other queries as JSON.
 *
 * The client never retries. `MidxError.retryAfter` tells when a retry makes sense.
 *
 * @param url the address of the service, with or without a path
 * @param options the token of the service, further headers, another `fetch`
 * @returns the client, which sends nothing until a method is called
 * @throws RangeError for an address with a query or a fragment, or without "http://" before its host and port
 * @throws TypeError for an option that is unknown or null
 *
 * @example
 * const midx = createClient("https://words.example.com", { token });
 * const { ids, probabilities } = await midx.predict(query, { k: 10, seed: 1 });
 */
export function createClient(url: string | URL, options?: ClientOptions): Client {
  const call = callerOf(url, options);

  const post =
    (name: string) =>
    async (query: Query | readonly Query[], { signal, ...options }: SentOptions = {}): Promise<never> => {
      const fields = { ...options, seed: options.seed?.toString() };
      return call(...requestOf(`/v1/${name}`, query, fields), signal);
    };

  const get =
    <Answer>(path: string) =>
    async ({ signal }: CallOptions = {}): Promise<Answer> =>
      call(path, null, signal);

  return {
    predict: post("predict"),
    sample: post("sample"),
    sampleTopK: post("sample-top-k"),
    logPartition: post("log-partition"),
    logProbability: post("log-probability"),
    decode: post("decode"),
    slateLogProbability: post("slate-log-probability"),
    async encode(sequence, { signal, ...fields } = {}) {
      return call("/v1/encode", json({ sequence, ...fields }), signal);
    },
    async vectorizeQuery(vector: Vector, { signal, ...fields }: CallOptions = {}): Promise<never> {
      const body = json({ vector: listed(vector), ...fields });
      const { result, headers } = await call<VectorizeReply>("/v1/query", body, signal, "result");
      const header = (name: string): string => headers.get(name) ?? "";
      return { version: header("x-index-version"), requestId: header("x-request-id"), ...result } as never;
    },
    info: get<InfoAnswer>("/v1/info"),
    ready: get<ReadyAnswer>("/readyz"),
    upsert: (classes, options) => write(call, "/v1/upsert", classes, options),
    delete: (labels, options) => write(call, "/v1/delete", { labels }, options),
  };
}
