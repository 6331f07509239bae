/** Counts of values up to each bound, and their sum: what Prometheus calls a histogram. */
export class Histogram {
  readonly bounds: readonly number[];
  /** Values in each bound and above the one before; the last is above all. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** Infinity is counted, above all bounds, and left out of the sum. */
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
