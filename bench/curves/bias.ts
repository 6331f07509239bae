import { divergenceOf } from "../../src/train/evaluation/divergence.ts";
import { planSampledSoftmaxLoss } from "../../src/train/loss/sampled-softmax.ts";
import type { Sampler } from "../../src/train/samplers/sampler.ts";
import type { BiasedHead } from "../heads.ts";
import { samplerTools } from "../library.ts";
import { formABound, formBBound } from "./bias-bounds.ts";
import { allIds, samplerOf, spacedQueries } from "./divergence.ts";
import { type BiasCase, meanVector, squaredBias } from "./gradient-bias.ts";
import type { BiasPoint, MeasuredBias } from "./result.ts";

/** The number of draws of a loss, and of repetitions of it. */
export interface Effort {
  readonly draws: number;
  readonly repetitions: number;
}

/** A case, with the quantities that its bounds need. */
interface Measured extends BiasCase {
  /** ‖g‖² of the full softmax. */
  readonly gradientSquare: number;
  /** The largest ‖v_i − E_P v‖. */
  readonly delta: number;
}

/**
 * Measures the biases of a sampler's gradients, by form and effort, over `queryCount` of the head's queries. The positive of
 * each query is drawn from its softmax, as if the model were right.
 */
export async function biasesFrom(head: BiasedHead, queryCount: number) {
  const ids = allIds(head.itemCount);
  const full = await samplerOf({ kind: "full" }, head);
  const cases = spacedQueries(head, queryCount).map((query, i): Measured => {
    const positive = full.draw(query, 1, [], BigInt(i)).ids[0] as number;
    const given = { query, positive, rows: head.data, biases: head.bias, logP: full.logQ(query, ids, []) };
    const mean = meanVector(given);
    const squares = Array.from(ids, (id) => squaredDistance(head, id, mean));
    return {
      ...given,
      gradientSquare: squares[positive] as number,
      delta: Math.sqrt(squares.reduce((a, b) => Math.max(a, b))),
    };
  });
  return (sampler: Sampler) => planBias(sampler, cases);
}

function planBias(sampler: Sampler, cases: readonly Measured[]) {
  const { train } = samplerTools();
  const loss = planSampledSoftmaxLoss(train);
  const gradient = cases.reduce((sum, { gradientSquare }) => sum + gradientSquare, 0);
  return (form: BiasPoint["form"], { draws, repetitions }: Effort): MeasuredBias => {
    let [square, variance, boundSquare] = [0, 0, 0];
    for (const one of cases) {
      const { query, positive, delta, logP } = one;
      const excluded = form === "B" ? [positive] : [];
      const logQ = sampler.logQ(query, allIds(logP.length), excluded);
      const seed = BigInt(2 * draws + excluded.length);
      const drawn = sampler.draw(query, draws * repetitions, excluded, seed);
      const estimate = squaredBias(loss, one, { form, logQ, draws, drawn });
      square += estimate.value;
      variance += estimate.variance;
      const probability = Math.exp(logP[positive] as number);
      const rho = rhoOf(train, logP, logQ, excluded);
      const bound =
        form === "B"
          ? formBBound({ delta, probability, rho, draws })
          : formABound({ delta, weight: probability / Math.exp(logQ[positive] as number), rho, draws });
      boundSquare += bound ** 2;
    }
    const bias = Math.sqrt(Math.max(0, square) / gradient);
    // The deviation of a root is that of its square divided by twice the root. If the square is nothing but noise, it
    // is the root of the noise.
    const deviation = Math.sqrt(variance) / gradient;
    return {
      draws,
      repetitions,
      bias,
      bound: Math.sqrt(boundSquare / gradient),
      standardError: deviation / Math.max(2 * bias, Math.sqrt(deviation)),
    };
  };
}

/** 1 + χ²(P‖Q) over the classes that are not excluded. */
function rhoOf(
  logarithms: Parameters<typeof divergenceOf>[0],
  logP: Float64Array,
  logQ: Float64Array,
  excluded: readonly number[],
): number {
  const logRest = Math.log(1 - excluded.reduce((sum, id) => sum + Math.exp(logP[id] as number), 0));
  const isLeft = (_: number, id: number): boolean => !excluded.includes(id);
  const left = logP.filter(isLeft).map((value) => value - logRest);
  return 1 + divergenceOf(logarithms, left, logQ.filter(isLeft)).chiSquare;
}

function squaredDistance({ data, dim }: BiasedHead, id: number, from: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += ((data[id * dim + d] as number) - (from[d] as number)) ** 2;
  return sum;
}
