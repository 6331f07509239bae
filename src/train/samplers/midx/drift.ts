import type { Codes } from "../../codes/encode.ts";
import type { Quantizer } from "../../kmeans/quantizer.ts";
import { startArena } from "../../runtime/arena.ts";
import type { TrainKernels } from "../../runtime/kernels.ts";
import { project } from "../projections.ts";
import { concatQueries } from "./concat-queries.ts";

/** Computes Σ‖residual‖² / Σ‖row‖² over all rows. It is 0 where every row equals the sum of its codewords. */
export function residualEnergy(quantizer: Quantizer, { codes1, codes2 }: Codes, rows: Float32Array): number {
  const { kind, dim, dim1, dim2, codebook1, codebook2 } = quantizer;
  const secondFrom = kind === "rq" ? 0 : dim1;
  let left = 0;
  let total = 0;
  for (let id = 0; id < codes1.length; id++) {
    const first = (codes1[id] as number) * dim1;
    const second = (codes2[id] as number) * dim2 - secondFrom;
    for (let d = 0; d < dim; d++) {
      const value = rows[id * dim + d] as number;
      let residual = value;
      if (d < dim1) residual -= codebook1[first + d] as number;
      if (d >= secondFrom) residual -= codebook2[second + d] as number;
      left += residual * residual;
      total += value * value;
    }
  }
  return total > 0 ? left / total : 0;
}

/** The classes as they were when their proposal was made, and that proposal. */
export interface Proposed {
  readonly rows: Float32Array;
  readonly biases: Float32Array;
  /** Returns log Q of every class. */
  logQ(query: Float32Array): ArrayLike<number>;
}

/**
 * Measures the cost of moved rows for a proposal: 1 + χ²(P‖Q) under the current rows and biases, divided by the same under
 * the rows and biases that the proposal was made from. 1 / (1 + χ²) is the effective sample size per draw. Returns the mean
 * ratio over the queries, or 1 without queries. It takes O(N · dim) per query and uses the instance's memory.
 */
export function lossOfSampleSize(
  kernels: TrainKernels,
  proposed: Proposed,
  queries: readonly Float32Array[],
  rows: Float32Array,
  biases: Float32Array,
): number {
  if (queries.length === 0) return 1;
  const before = logitsOf(kernels, queries, proposed.rows, proposed.biases);
  const now = logitsOf(kernels, queries, rows, biases);
  let sum = 0;
  for (const [i, query] of queries.entries()) {
    const logQ = proposed.logQ(query);
    const [nowLogits, beforeLogits] = [now[i] as Float64Array, before[i] as Float64Array];
    sum += kernels.exp64(logMeanWeight(kernels, nowLogits, logQ) - logMeanWeight(kernels, beforeLogits, logQ));
  }
  return sum / queries.length;
}

/** Computes the logits of each query, f64 (N). */
function logitsOf(
  kernels: TrainKernels,
  queries: readonly Float32Array[],
  rows: Float32Array,
  biases: Float32Array,
): Float64Array[] {
  const dim = rows.length / biases.length;
  const logits = queries.map(() => Float64Array.from(biases));
  project(kernels, startArena(kernels), rows, concatQueries(queries, dim), dim, (i, first, products) => {
    const of = logits[i] as Float64Array;
    for (let k = 0; k < products.length; k++) of[first + k] = (of[first + k] as number) + (products[k] as number);
  });
  return logits;
}

/** Computes log(1 + χ²(P‖Q)) = log Σ P²/Q, where P is the softmax of the logits. */
function logMeanWeight(
  { exp64, log64 }: Pick<TrainKernels, "exp64" | "log64">,
  logits: Float64Array,
  logQ: ArrayLike<number>,
): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > top) top = logit;
  let sum = 0;
  let topSquare = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) {
    const logit = (logits[id] as number) - top;
    sum += exp64(logit);
    topSquare = Math.max(topSquare, 2 * logit - (logQ[id] as number));
  }
  let squares = 0;
  for (let id = 0; id < logits.length; id++) {
    squares += exp64(2 * ((logits[id] as number) - top) - (logQ[id] as number) - topSquare);
  }
  return topSquare + log64(squares) - 2 * log64(sum);
}
