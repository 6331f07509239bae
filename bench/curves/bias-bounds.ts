/*
 * Bounds on ‖E ĝ − g‖, the bias of the sampled gradient by the query, with Δ = max ‖v_i − E_P v‖ and ρ = 1 + χ²(P‖Q).
 *
 * A gradient is N / S minus the positive's vector, plus the mean, where N = Σ u (v − E_P v) and S = Σ u run over
 * positive and draws with weights u. With c = E S: N/S = N/c − N (S − c) / c² + (N/S) (S − c)² / c², and ‖N/S‖ ≤ Δ, as
 * for a self-normalised mean, whose bound is 2 Δ √(ρ (ρ − 1)) / M (docs/method.md, section 7).
 */

export interface FormBCase {
  readonly delta: number;
  /** The probability P of the positive. */
  readonly probability: number;
  /** 1 + χ²(P⁻‖Q⁻) over the classes other than the positive. */
  readonly rho: number;
  readonly draws: number;
}

/**
 * Here u is P for the positive, which is exact, and P / (M Q⁻) for a draw. So E N = 0 and c = 1, and only 1 − P of the
 * mass varies.
 */
export function formBBound({ delta, probability, rho, draws }: FormBCase): number {
  return ((1 - probability) ** 2 * 2 * delta * Math.sqrt(rho * (rho - 1))) / draws;
}

export interface FormACase {
  readonly delta: number;
  /** P / Q of the positive. */
  readonly weight: number;
  /** 1 + χ²(P‖Q). */
  readonly rho: number;
  readonly draws: number;
}

/**
 * Here u = P / Q for positive and draws. So c = M + the positive's weight, and E N is that weight's share of v_p − E_P
 * v.
 */
export function formABound({ delta, weight, rho, draws }: FormACase): number {
  const total = draws + weight;
  return (delta * weight) / total + (delta * draws * 2 * Math.sqrt(rho * (rho - 1))) / total ** 2;
}
