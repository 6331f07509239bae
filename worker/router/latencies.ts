/** The number of the last latencies that the percentile is of. */
const LAST = 256;
/** Fewer say nothing about the slowest. */
const LEAST = 20;
const PERCENTILE = 0.95;

/** The last latencies of a part, in milliseconds. */
export class Latencies {
  readonly #last = new Float64Array(LAST);
  #count = 0;

  observe(ms: number): void {
    this.#last[this.#count++ % LAST] = ms;
  }

  /** The 95th percentile, or undefined as long as there are few. */
  get percentile(): number | undefined {
    if (this.#count < LEAST) return undefined;
    const sorted = this.#last.slice(0, Math.min(this.#count, LAST)).sort();
    return sorted[Math.floor(sorted.length * PERCENTILE)];
  }
}
