import type { Logarithms } from "../arithmetic/logarithms.ts";

/** How far Q is from P. */
export interface Divergence {
  /** KL(P‖Q), nats. */
  readonly kl: number;
  /** Total variation. */
  readonly variation: number;
  /** χ²(P‖Q) = Σ (P − Q)²/Q: the effective sample size a draw is 1 / (1 + χ²). */
  readonly chiSquare: number;
}

/** From log P and log Q of every class, both normalised. */
export function divergenceOf({ exp64 }: Logarithms, logP: Float64Array, logQ: ArrayLike<number>): Divergence {
  let [kl, variation, chiSquare] = [0, 0, 0];
  for (let id = 0; id < logP.length; id++) {
    const logWeight = (logP[id] as number) - (logQ[id] as number);
    const p = exp64(logP[id] as number);
    const q = exp64(logQ[id] as number);
    const weight = exp64(logWeight);
    variation += Math.abs(p - q) / 2;
    // Σ P²/Q − 1 would lose what is small; where Q has no f64, P²/Q may have one.
    chiSquare += q > 0 ? q * (weight - 1) * (weight - 1) : p > 0 ? p * weight : 0;
    // Without probability there is nothing to cover, however rare Q has it.
    if (p > 0) kl += p * logWeight;
  }
  return { kl: Math.max(0, kl), variation, chiSquare }; // which rounding alone can take below 0
}
