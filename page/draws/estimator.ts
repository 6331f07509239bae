import type { ScoredDraws } from "./proposals.ts";

/** The bar of each draw, and its importance weight up to a common factor. */
export interface WeightedDraws {
  readonly bars: Int32Array;
  readonly weights: Float64Array;
}

/** Computes the weights e^score / Q, relative to the largest one. */
export function weigh({ ids, scores, logQ }: ScoredDraws, barOf: (id: number) => number): WeightedDraws {
  const logs = Float64Array.from(scores, (score, i) => score - (logQ[i] as number));
  const largest = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return { bars: Int32Array.from(ids, barOf), weights: logs.map((log) => Math.exp(log - largest)) };
}

/** Estimates the probability of each bar from the first `count` draws, self-normalised: Σ w in the bar / Σ w. */
export function sharesOf({ bars, weights }: WeightedDraws, count: number, barCount: number): Float64Array {
  const shares = new Float64Array(barCount);
  let total = 0;
  for (const [i, weight] of weights.subarray(0, count).entries()) {
    const bar = bars[i] as number;
    shares[bar] = (shares[bar] ?? 0) + weight;
    total += weight;
  }
  return total > 0 ? shares.map((share) => share / total) : shares;
}

/** Returns the effective sample size of the first `count` draws, estimated from their weights: (Σ w)² / Σ w². */
export function effectiveDraws({ weights }: WeightedDraws, count: number): number {
  let [sum, squares] = [0, 0];
  for (const weight of weights.subarray(0, count)) {
    sum += weight;
    squares += weight * weight;
  }
  return squares > 0 ? (sum * sum) / squares : 0;
}

/** Returns ½ Σ |p − q|, the probability that has to be moved to turn one distribution into the other. */
export function totalVariation(p: Float64Array, q: Float64Array): number {
  return p.reduce((sum, value, i) => sum + Math.abs(value - (q[i] as number)), 0) / 2;
}

/** Returns the total variation between the exact shares and the estimate, for each of these numbers of draws. */
export function variations(draws: WeightedDraws, exact: Float64Array, counts: readonly number[]): Float64Array {
  return Float64Array.from(counts, (count) => totalVariation(sharesOf(draws, count, exact.length), exact));
}
