/** A histogram in the sense of Prometheus: the counts of values up to each bound, and their sum. */
export class Histogram {
  readonly bounds: readonly number[];
  /** The number of values in each interval: up to its bound, and above the previous one. The last has no upper bound. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** Counts a value. Infinity counts above all bounds, and is not part of the sum. */
  observe(value: number): void {
    const place = this.bounds.findIndex((bound) => value <= bound);
    const i = place < 0 ? this.bounds.length : place;
    this.counts[i] = (this.counts[i] as number) + 1;
    if (Number.isFinite(value)) this.sum += value;
  }

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}
