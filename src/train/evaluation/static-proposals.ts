import { fillWith } from "../arithmetic/fill-with.ts";
import { type Logarithms, logSumExp } from "../arithmetic/logarithms.ts";

/** A proposal that is the same for every query: log Q of each class. */
export interface StaticProposal {
  readonly name: "unigram" | "uniform";
  readonly logQ: Float64Array;
}

/**
 * Makes the uniform proposal and, where the popularity of classes is known, the unigram proposal: ∝ count + 1, so that
 * every class can be drawn, or ∝ e^bias.
 */
export function staticProposals(
  logarithms: Logarithms,
  itemCount: number,
  { counts, biases }: { readonly counts?: Float32Array | undefined; readonly biases?: Float32Array | undefined },
): StaticProposal[] {
  const uniform = new Float64Array(itemCount).fill(-logarithms.log64(itemCount));
  const logWeights = counts
    ? fillWith(new Float64Array(itemCount), (id) => logarithms.log64((counts[id] as number) + 1))
    : biases;
  if (logWeights === undefined) return [{ name: "uniform", logQ: uniform }];
  const all = logSumExp(logarithms, logWeights);
  return [
    { name: "unigram", logQ: Float64Array.from(logWeights, (logWeight) => logWeight - all) },
    { name: "uniform", logQ: uniform },
  ];
}
