import type { Kernels } from "../memory/kernels.ts";

/** Below this, 1 − e^−y comes from its series, whose sixth term is lost in rounding. */
const SMALL = 0.01;

/** A little below this, e^x leaves the normal range of f64. Here 1 − e^−y equals y. */
const LEAST_LOG = -700;

/**
 * Computes log (e^logit / (1 − exp(−e^(logMass − threshold)))). The denominator is the probability that a class with
 * this mass has a key above the threshold, which is the (k+1)-th key (priority sampling: Duffield, Lund & Thorup 2007;
 * Kool et al. 2019).
 */
export function logWeights(
  { exp64, log64 }: Pick<Kernels, "exp64" | "log64">,
  logits: Float64Array,
  logMasses: Float64Array,
  threshold: number,
): Float64Array {
  return logits.map((logit, i) => {
    const logRate = (logMasses[i] as number) - threshold;
    if (logRate < LEAST_LOG) return logit - logRate;
    const rate = exp64(logRate);
    const inclusion = rate < SMALL ? series(rate) : 1 - exp64(-rate);
    return logit - log64(inclusion);
  });
}

/** 1 − e^−y = y − y²/2! + y³/3! − … */
const series = (y: number): number => y * (1 - (y / 2) * (1 - (y / 3) * (1 - (y / 4) * (1 - (y / 5) * (1 - y / 6)))));
