import { LEAST_ERROR } from "../../src/internal.ts";

/** The number of answers in the baseline of a version whose file has none. */
const BASELINE = 1000;
/** Each answer after so many counts one part in so many of the recent mean, and the earlier ones accordingly less. */
const WINDOW = 1000;

/**
 * The drift of a measure of answers: the recent mean minus the mean of a baseline, in standard deviations of the baseline. The
 * drift of log Z reveals queries from another model than that of the index, and an index that is out of date.
 */
export class Drift {
  /** The mean of the first 1,000 answers, and then an exponential mean: after a step, it has 63 % of it 1,000 answers later. */
  recent = 0;
  /** The mean of the baseline. */
  mean: number;
  /** The number of queries of the baseline, 0 before there is one. */
  queries: number;
  #count = 0;
  /** The sum of the squared weights of the answers in the recent mean: its variance, in that of an answer. */
  #squaredWeights = 0;
  #squares = 0;
  #deviation: number;

  /** The baseline has this number of queries with this mean and standard deviation. Default: the first 1,000 answers. */
  constructor(queries = 0, mean = 0, deviation = 0) {
    this.queries = queries;
    this.mean = mean;
    this.#deviation = queries > 1 ? leastDeviation(deviation) : 0;
  }

  observe(value: number): void {
    const difference = value - this.recent;
    const weight = 1 / Math.min(++this.#count, WINDOW);
    this.recent += weight * difference;
    this.#squaredWeights = (1 - weight) ** 2 * this.#squaredWeights + weight ** 2;
    this.#squares += difference * (value - this.recent);
    if (this.queries > 0 || this.#count < BASELINE) return;
    this.queries = BASELINE;
    this.mean = this.recent;
    this.#deviation = leastDeviation(Math.sqrt(this.#squares / (BASELINE - 1)));
  }

  /** The drift, 0 if the baseline is one query. Undefined before there are a baseline and an answer to compare. */
  get value(): number | undefined {
    if (this.queries === 0 || this.#count === 0) return undefined;
    return this.#deviation > 0 ? (this.recent - this.mean) / this.#deviation : 0;
  }

  /** The standard error of the drift: that of both means, in deviations of the baseline. */
  get error(): number {
    return Math.sqrt(this.#squaredWeights + 1 / this.queries);
  }
}

/**
 * Returns a deviation, or that of rounding if it is larger. Where nearly all queries have the whole of Z in the head, the share of
 * the head varies by a millionth, mostly by single queries: another hundred had a mean that was several such deviations off.
 */
const leastDeviation = (deviation: number): number => Math.max(deviation, LEAST_ERROR);
