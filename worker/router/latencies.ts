/** The number of latencies, the last ones, that the percentile is taken of. */
const LAST = 256;
/** The least number of latencies: fewer say nothing about the slowest. */
const LEAST = 20;
const PERCENTILE = 0.95;
/** The number of new latencies after which the percentile is computed again. */
const STEP = 16;

/** The last latencies of a part, in milliseconds. */
export class Latencies {
  readonly #last = new Float64Array(LAST);
  #count = 0;
  #percentile: number | undefined;

  observe(ms: number): void {
    this.#last[this.#count++ % LAST] = ms;
    if (this.#count < LEAST || (this.#count - LEAST) % STEP > 0) return;
    const sorted = this.#last.slice(0, Math.min(this.#count, LAST)).sort();
    this.#percentile = sorted[Math.floor(sorted.length * PERCENTILE)];
  }

  /** The 95th percentile, or undefined as long as there are few. */
  get percentile(): number | undefined {
    return this.#percentile;
  }
}
