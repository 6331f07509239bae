// @ts-check
// Estimates the value of a policy from weighted rewards. The unit is the request, whose draws and rows share a user and a
// moment.

/**
 * A mean over requests, its standard error, and the standard deviation of one request; NaN for a single request.
 * @typedef {{ readonly mean: number, readonly standardError: number, readonly deviation: number }} Mean
 */
/**
 * The weight π / q of one draw, and its reward.
 * @typedef {{ readonly weight: number, readonly reward: number }} WeightedDraw
 */
/** @typedef {{ rows: number, weight: number, value: number, reward: number }} RequestSums */

/** Collects means of rows by request. */
export class Requests {
  /** @type {Map<string, RequestSums>} */
  #sums = new Map();

  /**
   * @param {string} requestId
   * @param {readonly WeightedDraw[]} draws of one row; at least one
   */
  add(requestId, draws) {
    const sums = this.#sums.get(requestId) ?? { rows: 0, weight: 0, value: 0, reward: 0 };
    this.#sums.set(requestId, sums);
    sums.rows++;
    for (const { weight, reward } of draws) {
      sums.weight += weight / draws.length;
      sums.value += (weight * reward) / draws.length;
      sums.reward += reward / draws.length;
    }
  }

  get count() {
    return this.#sums.size;
  }

  /** Computes the estimates of docs/ab-testing.md. */
  estimate() {
    const requests = [...this.#sums.values()];
    const per = (/** @type {(sums: RequestSums) => number} */ of) => requests.map((sums) => of(sums) / sums.rows);
    const weights = per(({ weight }) => weight);
    const values = per(({ value }) => value);
    const rewards = per(({ reward }) => reward);
    const scale = weights.length / sum(weights);
    const snips = sum(values) / sum(weights);
    /** The contribution of each request to the ratio, to first order (delta method). */
    const terms = values.map((value, i) => snips + scale * (value - snips * Number(weights[i])));
    return {
      logged: meanOf(rewards),
      ips: meanOf(values),
      snips: meanOf(terms),
      difference: meanOf(per(({ value, reward }) => value - reward)),
      snipsDifference: meanOf(terms.map((term, i) => term - Number(rewards[i]))),
      meanWeight: meanOf(weights),
      effectiveRequests: sum(weights) ** 2 / sum(weights.map((weight) => weight ** 2)),
    };
  }
}

/**
 * @param {readonly number[]} values
 * @returns {Mean}
 */
function meanOf(values) {
  const mean = sum(values) / values.length;
  const deviation = Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1));
  return { mean, standardError: deviation / Math.sqrt(values.length), deviation };
}

/** @param {readonly number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
