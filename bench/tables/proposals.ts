import { type Examples, occurrences } from "../../src/train/model/examples.ts";
import type { SamplerFactory } from "../../src/train/model/train-options.ts";
import { createSamplerWith, type SamplerOptions } from "../../src/train/samplers/create.ts";
import { samplerTools } from "../library.ts";

/** What is compared, in the order of the tables. */
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

/** They look at every class for each query: references for the proposal, not for its time. */
export const ENUMERATED: readonly Proposal[] = ["quadratic", "RFF"];

/** Queries of the model as it is that the codewords are fitted to, before each epoch. */
const FITTED_QUERIES = 256;

/** Draws, and what they are drawn by: a head counts its rows against the M that all have. */
export interface Sampling {
  readonly draws: number;
  /** Given queries of examples, at most so many. */
  options(queries: (most: number) => Float32Array): SamplerOptions;
}

/** Undefined: the softmax over all classes. */
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
