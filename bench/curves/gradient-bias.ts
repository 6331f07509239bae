import type { LossInput } from "../../src/train/loss/loss-input.ts";
import type { LossAndGradients } from "../../src/train/loss/sampled-softmax.ts";
import type { SampledClasses } from "../../src/train/samplers/sampler.ts";
import { type Estimate, SquaredNorm } from "./squared-norm.ts";

/** One example, with the quantities that enumeration gives. */
export interface BiasCase {
  readonly query: Float32Array;
  readonly positive: number;
  /** rows: f32 (N, dim). biases: f32 (N). */
  readonly rows: Float32Array;
  readonly biases: Float32Array;
  /** log P of every class. */
  readonly logP: Float64Array;
}

/** E_P v. The full softmax's gradient by the query is this minus the positive's vector. */
export function meanVector({ query, rows, logP }: BiasCase): Float64Array {
  const dim = query.length;
  const mean = new Float64Array(dim);
  for (let id = 0; id < logP.length; id++) {
    const p = Math.exp(logP[id] as number);
    for (let d = 0; d < dim; d++) (mean[d] as number) += p * (rows[id * dim + d] as number);
  }
  return mean;
}

/** The draws of a form: log Q of every class, −∞ for the positive in form "B", and draws from it. */
export interface FormDraws {
  readonly form: "A" | "B";
  readonly logQ: Float64Array;
  /** The number of draws of a loss. */
  readonly draws: number;
  /** The draws of all repetitions: their number divided by `draws`. */
  readonly drawn: SampledClasses;
}

/** In the control variate, a draw's weight is taken to be at most this share of the sum of weights. */
const HEAVIEST = 0.25;

/**
 * ‖E ĝ − g‖², the squared bias of the gradient by the query that `loss` gives.
 *
 * A control variate is subtracted from every repetition: Σ_j t_j (v_j − E_P v), whose mean is known by enumeration,
 * where t is the share that a draw's weight is expected to have in the total. The rest is of the order of the bias and
 * not of the gradient's noise, so few repetitions suffice. Heavy weights are cut. The effect of classes that are drawn
 * too rarely to be met depends on the repetitions and shows in their variance.
 */
export function squaredBias(
  loss: (input: LossInput) => LossAndGradients,
  given: BiasCase,
  { form, logQ, draws, drawn }: FormDraws,
): Estimate {
  const { query, positive, rows, biases, logP } = given;
  const dim = query.length;
  const mean = meanVector(given);
  const positives = {
    ids: [positive],
    rows: rows.subarray(positive * dim, (positive + 1) * dim),
    biases: biases.subarray(positive, positive + 1),
    logQ: logQ.subarray(positive, positive + 1),
  };
  // In form B, Σ u is 1 on average and the positive's part of it is exact. In form A, it is M plus the positive's
  // weight.
  const total = form === "B" ? draws : draws + Math.exp((logP[positive] as number) - (logQ[positive] as number));
  const share = (id: number): number => {
    const own = (logQ[id] as number) > Number.NEGATIVE_INFINITY;
    return own ? Math.min(HEAVIEST, Math.exp((logP[id] as number) - (logQ[id] as number)) / total) : 0;
  };
  const expected = new Float64Array(dim);
  for (let id = 0; id < logP.length; id++) {
    const t = draws * Math.exp(logQ[id] as number) * share(id);
    for (let d = 0; d < dim; d++) (expected[d] as number) += t * ((rows[id * dim + d] as number) - (mean[d] as number));
  }

  const norm = new SquaredNorm(dim);
  const picked = new Float32Array(draws * dim);
  const pickedBiases = new Float32Array(draws);
  const off = new Float64Array(dim);
  for (let first = 0; first + draws <= drawn.ids.length; first += draws) {
    const ids = drawn.ids.subarray(first, first + draws);
    for (const [j, id] of ids.entries()) {
      picked.set(rows.subarray(id * dim, (id + 1) * dim), j * dim);
      pickedBiases[j] = biases[id] as number;
    }
    const sampled = { ids, logQ: drawn.logQ.subarray(first, first + draws), rows: picked, biases: pickedBiases };
    const { gradQuery } = loss({ form, query, positives, sampled });
    for (let d = 0; d < dim; d++) {
      const full = (mean[d] as number) - (positives.rows[d] as number);
      off[d] = (gradQuery[d] as number) - full + (expected[d] as number);
    }
    for (const [j, id] of ids.entries()) {
      const t = share(id);
      for (let d = 0; d < dim; d++) (off[d] as number) -= t * ((picked[j * dim + d] as number) - (mean[d] as number));
    }
    norm.add(off);
  }
  return norm.estimate();
}
