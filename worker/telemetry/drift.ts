/** The number of answers in the baseline of a version. */
const BASELINE = 1000;
/** The number of answers in the recent mean. */
const WINDOW = 1000;

/**
 * The drift of the log-partition of a version: the recent mean minus the mean of its first 1,000 answers, in their standard
 * deviations. It reveals queries from another model than that of the index, and an index that is out of date.
 */
export class Drift {
  #count = 0;
  #mean = 0;
  #squares = 0;
  #recent = 0;

  observe(value: number): void {
    if (this.#count < BASELINE) {
      this.#count++;
      const difference = value - this.#mean;
      this.#mean += difference / this.#count;
      this.#squares += difference * (value - this.#mean);
      this.#recent = this.#mean;
      return;
    }
    this.#recent += (value - this.#recent) / WINDOW;
  }

  /** The drift, or undefined before the baseline is complete. */
  get value(): number | undefined {
    if (this.#count < BASELINE) return undefined;
    const deviation = Math.sqrt(this.#squares / (this.#count - 1));
    return deviation > 0 ? (this.#recent - this.#mean) / deviation : 0;
  }
}
