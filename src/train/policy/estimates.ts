import { NORMAL_95 } from "../../arithmetic/normal-95.ts";

/**
 * A mean over requests. With a single request, everything but the mean is NaN.
 */
export interface RequestMean {
  /** The mean. */
  readonly mean: number;
  /** The standard error of the mean. */
  readonly standardError: number;
  /** The standard deviation of one request. */
  readonly deviation: number;
  /** The lower end of the 95 % interval, mean − 1.96 standard errors. */
  readonly low: number;
  /** The upper end of the 95 % interval. */
  readonly high: number;
}

/** The expected reward of a policy for a request, by the estimators of docs/ab-testing.md. */
export interface PolicyEstimates {
  /** The mean reward of the policy that drew. */
  readonly logged: RequestMean;
  /** Inverse propensity scores: the mean of weight · reward. Unbiased. */
  readonly ips: RequestMean;
  /** Self-normalised: IPS over the mean weight. A little biased, with less variance. */
  readonly snips: RequestMean;
  /** Doubly robust: the predicted value, and its weighted error. Only with predictions. Unbiased if these do not depend on draws. */
  readonly doublyRobust?: RequestMean;
  /** IPS less the logged mean. */
  readonly difference: RequestMean;
  /** SNIPS less the logged mean. */
  readonly snipsDifference: RequestMean;
  /** Doubly robust less the logged mean. Only with predictions. */
  readonly doublyRobustDifference?: RequestMean;
  /** The mean weight, which is 1 in expectation. */
  readonly meanWeight: RequestMean;
  /** (Σ w)² / Σ w² over the requests' mean weights. */
  readonly effectiveRequests: number;
}

/** One draw of a log: its weight and its reward. */
export interface WeightedDraw {
  /** π / q: the probability of the class under the policy over that with which it was drawn. */
  readonly weight: number;
  /** The reward of the draw. */
  readonly reward: number;
  /** The reward that a model predicted for the class. Needed for the doubly robust estimate. */
  readonly predicted?: number;
}

interface RequestSums {
  rows: number;
  weight: number;
  value: number;
  reward: number;
  /** NaN from the first row on that has no prediction. */
  robust: number;
}

/** Collects means of rows by request: the draws and rows of a request share a user and a moment. */
export class Requests {
  readonly #sums = new Map<string, RequestSums>();

  /** Adds one row, which has at least one draw. `direct` is the mean of predicted rewards under the policy. */
  add(requestId: string, draws: readonly WeightedDraw[], direct = Number.NaN): void {
    const sums = this.#sums.get(requestId) ?? { rows: 0, weight: 0, value: 0, reward: 0, robust: 0 };
    this.#sums.set(requestId, sums);
    sums.rows++;
    sums.robust += direct;
    for (const { weight, reward, predicted = Number.NaN } of draws) {
      sums.weight += weight / draws.length;
      sums.value += (weight * reward) / draws.length;
      sums.reward += reward / draws.length;
      sums.robust += (weight * (reward - predicted)) / draws.length;
    }
  }

  get count(): number {
    return this.#sums.size;
  }

  estimate(): PolicyEstimates {
    const requests = [...this.#sums.values()];
    const per = (of: (sums: RequestSums) => number): number[] => requests.map((sums) => of(sums) / sums.rows);
    const weights = per(({ weight }) => weight);
    const values = per(({ value }) => value);
    const rewards = per(({ reward }) => reward);
    const robust = per((sums) => sums.robust);
    const scale = weights.length / sum(weights);
    const snips = sum(values) / sum(weights);
    // The contribution of each request to the ratio, to first order (delta method).
    const terms = values.map((value, i) => snips + scale * (value - snips * (weights[i] as number)));
    const less = (all: readonly number[]): RequestMean => meanOf(all.map((value, i) => value - (rewards[i] as number)));
    return {
      logged: meanOf(rewards),
      ips: meanOf(values),
      snips: meanOf(terms),
      ...(!robust.some(Number.isNaN) && { doublyRobust: meanOf(robust), doublyRobustDifference: less(robust) }),
      difference: meanOf(per(({ value, reward }) => value - reward)),
      snipsDifference: less(terms),
      meanWeight: meanOf(weights),
      effectiveRequests: sum(weights) ** 2 / sum(weights.map((weight) => weight * weight)),
    };
  }
}

function meanOf(values: readonly number[]): RequestMean {
  const mean = sum(values) / values.length;
  const deviation = Math.sqrt(sum(values.map((value) => (value - mean) * (value - mean))) / (values.length - 1));
  const standardError = deviation / Math.sqrt(values.length);
  const width = NORMAL_95 * standardError;
  return { mean, standardError, deviation, low: mean - width, high: mean + width };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
