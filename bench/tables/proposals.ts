import { type Examples, occurrences } from "../../src/train/model/examples.ts";
import type { SamplerFactory } from "../../src/train/model/train-options.ts";
import { createSamplerWith, type SamplerOptions } from "../../src/train/samplers/create.ts";
import { samplerTools } from "../library.ts";

/** The proposals, in the order of the tables. */
export const PROPOSALS = [
  "full softmax",
  "uniform",
  "unigram",
  "LSH",
  "quadratic",
  "RFF",
  "MIDX-PQ",
  "MIDX-RQ",
  "MIDX learned",
  "MIDX with head",
] as const;
export type Proposal = (typeof PROPOSALS)[number];

/** The proposals that look at every class for each query. They are references for quality, not for time. */
export const ENUMERATED: readonly Proposal[] = ["quadratic", "RFF"];

/** The number of queries, of the model as it is, that the codewords are fitted to before each epoch. */
const FITTED_QUERIES = 256;

/** The number of draws and their sampler. The rows of a head count against the M that all proposals have. */
export interface Sampling {
  readonly draws: number;
  /** The options of the sampler. `queries` makes queries of examples, at most `most` of them. */
  options(queries: (most: number) => Float32Array): SamplerOptions;
}

/** Returns the sampling of a proposal; undefined for the softmax over all classes. */
export function samplingOf(proposal: Proposal, draws: number): Sampling | undefined {
  switch (proposal) {
    case "full softmax":
      return undefined;
    case "uniform":
    case "unigram":
    case "quadratic":
      return { draws, options: () => ({ kind: proposal }) };
    case "LSH":
      return { draws, options: () => ({ kind: "lsh" }) };
    case "RFF":
      return { draws, options: () => ({ kind: "fourier", frequencies: 32 }) };
    case "MIDX-PQ":
      return { draws, options: () => ({ kind: "midx", quantizer: "pq" }) };
    case "MIDX-RQ":
      return { draws, options: () => ({ kind: "midx" }) };
    case "MIDX learned":
      return { draws, options: (queries) => ({ kind: "midx", fit: { queries: queries(FITTED_QUERIES) } }) };
    case "MIDX with head":
      return { draws: draws / 2, options: () => ({ kind: "midx", scan: draws / 2 }) };
  }
}

export function samplerFactory({ options }: Sampling, { positives, classCount }: Examples): SamplerFactory {
  const counts = occurrences(positives.ids, classCount);
  return (rows, biases, _, queries) => createSamplerWith(samplerTools(), options(queries), { rows, biases, counts });
}
