import { checksumWith } from "../../src/checksum.ts";
import { instantiateQuery } from "../../src/kernels.ts";
import type { Examples } from "../../src/train/model/examples.ts";
import type { SamplerFactory } from "../../src/train/model/train-options.ts";
import { createSamplerWith, type SamplerOptions } from "../../src/train/samplers/create.ts";
import { modules, trainKernels } from "../library.ts";

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

/** Draws, and what they are drawn by: a head counts its rows against the M that all have. */
export interface Sampling {
  readonly draws: number;
  readonly options: SamplerOptions;
}

/** Undefined: the softmax over all classes. */
export function samplingOf(proposal: Proposal, draws: number): Sampling | undefined {
  switch (proposal) {
    case "full softmax":
      return undefined;
    case "uniform":
    case "unigram":
    case "quadratic":
      return { draws, options: { kind: proposal } };
    case "LSH":
      return { draws, options: { kind: "lsh" } };
    case "RFF":
      return { draws, options: { kind: "fourier", frequencies: 32 } };
    case "MIDX-PQ":
      return { draws, options: { kind: "midx", quantizer: "pq" } };
    case "MIDX-RQ":
      return { draws, options: { kind: "midx" } };
    case "MIDX learned":
      return { draws, options: { kind: "midx" } };
    case "MIDX with head":
      return { draws: draws / 2, options: { kind: "midx", scan: draws / 2 } };
  }
}

export function samplerFactory(options: SamplerOptions, { positives, classCount }: Examples): SamplerFactory {
  const counts = new Uint32Array(classCount);
  for (const id of positives.ids) counts[id] = (counts[id] as number) + 1;
  const checksum = checksumWith(instantiateQuery(modules.query));
  return (rows, biases) =>
    createSamplerWith({ train: trainKernels(), checksum, modules }, options, { rows, biases, counts });
}
