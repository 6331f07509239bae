import type { CoveredAnswer, VectorizeAnswer, VectorizeOptions } from "../../contract/wire.ts";
import type { Vector } from "../request-of.ts";
import type { AllowPartial, Answered, OfAll } from "./answered.ts";
import type { QueryOptions } from "./call-options.ts";

/** The call that speaks Vectorize's protocol. */
export interface VectorizeCalls {
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
}
