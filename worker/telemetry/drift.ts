/** The number of answers in the baseline of a version whose file has none. */
const BASELINE = 1000;
/** The number of answers in the recent mean. */
const WINDOW = 1000;

/**
 * The drift of a measure of answers: the recent mean minus the mean of a baseline, in standard deviations of the baseline. The
 * drift of log Z reveals queries from another model than that of the index, and an index that is out of date.
 */
export class Drift {
  /** The mean of the last 1,000 answers, or of all if there are fewer. */
  recent = 0;
  /** The mean of the baseline. */
  mean: number;
  /** The number of queries of the baseline, 0 before there is one. */
  queries: number;
  #count = 0;
  #squares = 0;
  #deviation: number;

  /** The baseline has this number of queries with this mean and standard deviation. Default: the first 1,000 answers. */
  constructor(queries = 0, mean = 0, deviation = 0) {
    this.queries = queries;
    this.mean = mean;
    this.#deviation = deviation;
  }

  observe(value: number): void {
    const difference = value - this.recent;
    this.recent += difference / Math.min(++this.#count, WINDOW);
    this.#squares += difference * (value - this.recent);
    if (this.queries > 0 || this.#count < BASELINE) return;
    this.queries = BASELINE;
    this.mean = this.recent;
    this.#deviation = Math.sqrt(this.#squares / (BASELINE - 1));
  }

  /** The drift. Undefined before there are a baseline and an answer to compare. */
  get value(): number | undefined {
    if (this.queries === 0 || this.#count === 0) return undefined;
    return this.#deviation > 0 ? (this.recent - this.mean) / this.#deviation : 0;
  }

  /** The standard error of the drift: that of both means, in deviations of the baseline. */
  get error(): number {
    return Math.sqrt(1 / Math.min(this.#count, WINDOW) + 1 / this.queries);
  }
}
