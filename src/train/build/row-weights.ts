import { fillWith } from "../arithmetic/fill-with.ts";
import { capWeights } from "../random/sample-rows.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import type { BuildPlan } from "./build-plan.ts";

/**
 * No row has more than 1 / (8 K) of the weight of all, so that a few rows with extreme biases do not get all codewords. With
 * e^(bias / 2) and biases of −30 to 30 over 10,000 classes there are 224 buckets without the cap, 381 with it.
 */
const ROWS_PER_CODEWORD = 8;

/**
 * Returns the weights of rows in k-means: the square roots of the counts, or e^(bias / 4). Undefined if all are the same.
 *
 * Without counts, intervals of the default call at T = 1 cover .949 of 1,000,000 tokens if all rows weigh the same, .977 with
 * e^(bias / 4) and .972 with e^(bias / 2). At scan 0 and T = 0.5, the share of answers with a bar below 10 % is
 *
 *   rows weigh the same  100,000 tokens .84  next words .88  trained words .71
 *   e^(bias / 4)                        .71             .78                .68
 *   e^(bias / 2)                        .61             .70                .61
 */
export function rowWeights(
  { counts, bias, bits }: Pick<BuildPlan, "counts" | "bias" | "bits">,
  { exp64 }: Pick<TrainKernels, "exp64">,
): Float32Array | undefined {
  if (counts) return counts.map(Math.sqrt);
  if (bias === undefined) return undefined;
  const top = bias.reduce((largest, value) => Math.max(largest, value), Number.NEGATIVE_INFINITY);
  const weights = fillWith(new Float32Array(bias.length), (row) => exp64(((bias[row] as number) - top) / 4));
  return capWeights(weights, ROWS_PER_CODEWORD * 2 ** bits);
}
