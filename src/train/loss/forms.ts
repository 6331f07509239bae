import { type Logarithms, logSumExp } from "../arithmetic/logarithms.ts";

/** A loss and its derivatives by the logits, first of the positives and then of the draws. */
export interface WeighedLogits {
  readonly loss: number;
  readonly weights: Float64Array;
}

/**
 * Form A: with x = logit − log Q of positives and draws, the loss is the mean over positives of
 * −x_p + log(e^{x_p} + Σ_j e^{x_j}). `logits` has the positives first, then the draws. A
 * training has one denominator for all positives of an example.
 */
export function formA(
  { exp64, log64 }: Logarithms,
  logits: Float64Array,
  logQOfPositives: Float64Array,
  logQ: Float64Array,
): WeighedLogits {
  const positives = logQOfPositives.length;
  const x = logits.slice();
  for (let p = 0; p < positives; p++) x[p] = (x[p] as number) - (logQOfPositives[p] as number);
  for (let j = 0; j < logQ.length; j++) x[positives + j] = (x[positives + j] as number) - (logQ[j] as number);
  const negatives = logSumExp({ exp64, log64 }, x.subarray(positives));
  const weights = new Float64Array(x.length);
  let loss = 0;
  let share = 0;
  for (let p = 0; p < positives; p++) {
    const xp = x[p] as number;
    const total = logSumExp({ exp64, log64 }, Float64Array.of(xp, negatives));
    const rest = exp64(negatives - total);
    loss += (total - xp) / positives;
    share += rest / positives;
    weights[p] = -rest / positives;
  }
  for (let j = positives; j < x.length; j++) weights[j] = share * exp64((x[j] as number) - negatives);
  return { loss, weights };
}

/**
 * Form B (Blanc & Rendle 2018): with M draws that are not positives and their log Q⁻, the loss is the mean over positives
 * of −o_p, plus log(Σ_p e^{o_p} + (1/M) Σ_j e^{o_j − log Q⁻(j)}). The sum in the logarithm is unbiased for Z.
 */
export function formB(
  { exp64, log64 }: Logarithms,
  logits: Float64Array,
  positives: number,
  logQ: Float64Array,
): WeighedLogits {
  const x = logits.slice();
  const logCount = log64(logQ.length);
  for (let j = 0; j < logQ.length; j++)
    x[positives + j] = (x[positives + j] as number) - (logQ[j] as number) - logCount;
  const logZ = logSumExp({ exp64, log64 }, x);
  const weights = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) weights[i] = exp64((x[i] as number) - logZ);
  let loss = 0;
  for (let p = 0; p < positives; p++) {
    loss += (logZ - (x[p] as number)) / positives;
    weights[p] = (weights[p] as number) - 1 / positives;
  }
  return { loss, weights };
}
