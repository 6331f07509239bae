/** Answers that a version is known by. */
const BASELINE = 1000;
/** Answers that the recent mean looks back on. */
const WINDOW = 1000;

/**
 * How far the log-partition has moved since a version began to serve: the recent mean less that of the first 1,000 answers,
 * in their standard deviations. Queries that come from another model than the index, or an index that has grown old, show here.
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

  /** Undefined until there are enough answers to tell. */
  get value(): number | undefined {
    if (this.#count < BASELINE) return undefined;
    const deviation = Math.sqrt(this.#squares / (this.#count - 1));
    return deviation > 0 ? (this.#recent - this.#mean) / deviation : 0;
  }
}
