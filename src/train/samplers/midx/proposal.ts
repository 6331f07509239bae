import type { Codes } from "../../codes/encode.ts";
import type { Quantizer } from "../../kmeans/quantizer.ts";
import type { SampledClasses } from "../sampler.ts";

/** The classes that a proposal is made from, with their codewords. */
export interface QuantizedClasses {
  readonly quantizer: Quantizer;
  readonly codes: Codes;
  /** f32 (N, dim) and (N). */
  readonly rows: Float32Array;
  readonly biases: Float32Array;
}

/**
 * Makes the proposal for a query without the excluded classes, valid until the next call. Checks the values of the query.
 */
export type Proposal = (query: Float32Array, excludedIds: ReadonlySet<number>) => QueryProposal;

export interface QueryProposal {
  /** Makes independent draws with their log Q. They depend on seed and query only. */
  draw(count: number, seed: bigint): SampledClasses;
  /** Returns log Q, rounded to f32 and at most 0. It is −Infinity for excluded classes. */
  logQ(ids: ArrayLike<number>): Float64Array;
}
