import { capWeights } from "../random/sample-rows.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import type { BuildPlan } from "./build-plan.ts";

/** The largest share of a row in the weight of all, in parts of a codeword: eight rows at least carry a codeword. */
const ROWS_PER_CODEWORD = 8;

/**
 * Returns what k-means weighs rows by: the square roots of the counts, or e^(bias / 2), which is that root where biases are
 * logarithms of frequencies. Undefined if all rows weigh the same.
 */
export function rowWeights(
  { counts, bias, bits }: Pick<BuildPlan, "counts" | "bias" | "bits">,
  { exp64 }: Pick<TrainKernels, "exp64">,
): Float32Array | undefined {
  if (counts) return counts.map(Math.sqrt);
  if (bias === undefined) return undefined;
  const top = bias.reduce((largest, value) => Math.max(largest, value), Number.NEGATIVE_INFINITY);
  const weights = bias.map((value) => exp64((value - top) / 2));
  return capWeights(weights, ROWS_PER_CODEWORD * 2 ** bits);
}
