import type { Logarithms } from "../arithmetic/logarithms.ts";

/** Distances of Q from P. */
export interface Divergence {
  /** KL(P‖Q) in nats. */
  readonly kl: number;
  /** Total variation. */
  readonly variation: number;
  /** χ²(P‖Q) = Σ (P − Q)²/Q. The effective sample size per draw is 1 / (1 + χ²). */
  readonly chiSquare: number;
}

/** A smaller number has fewer digits. */
const SMALLEST_NORMAL = 2 ** -1022;

/** Computes the distances from log P and log Q of every class, both normalised. */
export function divergenceOf({ exp64 }: Logarithms, logP: Float64Array, logQ: ArrayLike<number>): Divergence {
  let [kl, variation, chiSquare] = [0, 0, 0];
  for (let id = 0; id < logP.length; id++) {
    const logWeight = (logP[id] as number) - (logQ[id] as number);
    const p = exp64(logP[id] as number);
    const q = exp64(logQ[id] as number);
    const weight = q >= SMALLEST_NORMAL ? p / q : exp64(logWeight);
    variation += Math.abs(p - q) / 2;
    // Σ P²/Q − 1 would cancel where χ² is small. Where Q underflows f64, P²/Q may still be representable.
    chiSquare += q > 0 ? q * (weight - 1) * (weight - 1) : p > 0 ? p * weight : 0;
    // A class without probability contributes nothing, whatever its Q.
    if (p > 0) kl += p * logWeight;
  }
  return { kl: Math.max(0, kl), variation, chiSquare }; // rounding can make it negative
}
