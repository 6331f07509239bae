import type { Logarithms } from "../every-class.ts";

/** How far Q is from P. */
export interface Divergence {
  /** KL(P‖Q), nats. */
  readonly kl: number;
  /** Total variation. */
  readonly variation: number;
  /** Σ P²/Q = 1 + χ²(P‖Q): what one over it is, is the effective sample size a draw. */
  readonly weightSquares: number;
}

/** From log P and log Q of every class, both normalised. */
export function divergenceOf({ exp64 }: Logarithms, logP: Float64Array, logQ: ArrayLike<number>): Divergence {
  let [kl, variation, weightSquares] = [0, 0, 0];
  for (let id = 0; id < logP.length; id++) {
    const log = logP[id] as number;
    const logWeight = log - (logQ[id] as number);
    const p = exp64(log);
    variation += Math.abs(p - exp64(logQ[id] as number)) / 2;
    // Without probability there is nothing to cover, however rare Q has it.
    if (p === 0) continue;
    kl += p * logWeight;
    weightSquares += p * exp64(logWeight);
  }
  return { kl, variation, weightSquares };
}
