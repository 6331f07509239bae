import type { Codes } from "../../codes/encode.ts";
import type { Quantizer } from "../../kmeans/quantizer.ts";
import type { SampledClasses } from "../sampler.ts";

/** The classes that a proposal is made of, with their codewords. */
export interface QuantizedClasses {
  readonly quantizer: Quantizer;
  readonly codes: Codes;
  /** f32 (N, dim) and (N). */
  readonly rows: Float32Array;
  readonly biases: Float32Array;
}

/** The proposal for a query, of the classes but `out`, until it is asked for another. The query's values are checked. */
export type Proposal = (query: Float32Array, excludedIds: ReadonlySet<number>) => QueryProposal;

export interface QueryProposal {
  /** Independent draws with their log Q, functions of seed and query. */
  draw(count: number, seed: bigint): SampledClasses;
  /** As f32, at most 0; −Infinity for those left out. */
  logQ(ids: ArrayLike<number>): Float64Array;
}
