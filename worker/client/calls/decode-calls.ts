import type { DecodeAnswer, DecodeOptions } from "../../contract/wire.ts";
import type { Query } from "../request-of.ts";
import type { Answered, AnsweredEach } from "./answered.ts";
import type { QueryOptions } from "./call-options.ts";

/** The call that draws the next class as a decoder does. */
export interface DecodeCalls {
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
}
