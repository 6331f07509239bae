const BLOCKS = 20;

/** An estimate and its variance. */
export interface Estimate {
  readonly value: number;
  readonly variance: number;
}

/**
 * An unbiased estimate of ‖E x‖² from repetitions of x. The squares of single repetitions, which are noise, are
 * subtracted from ‖Σ x‖², so the estimate can be negative if E x is 0. Its variance is that of the jackknife over
 * blocks of repetitions.
 */
export class SquaredNorm {
  private readonly sums: readonly Float64Array[];
  private readonly squares = new Float64Array(BLOCKS);
  private readonly counts = new Float64Array(BLOCKS);
  private repetitions = 0;

  constructor(dim: number) {
    this.sums = Array.from({ length: BLOCKS }, () => new Float64Array(dim));
  }

  add(x: Float64Array): void {
    const block = this.repetitions++ % BLOCKS;
    const sum = this.sums[block] as Float64Array;
    for (let d = 0; d < x.length; d++) {
      const value = x[d] as number;
      (sum[d] as number) += value;
      (this.squares[block] as number) += value * value;
    }
    (this.counts[block] as number)++;
  }

  /** There must be at least 3 repetitions for each block. */
  estimate(): Estimate {
    const without = Array.from({ length: BLOCKS }, (_, block) => this.squaredNorm(block));
    const mean = without.reduce((sum, value) => sum + value, 0) / BLOCKS;
    const spread = without.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { value: this.squaredNorm(undefined), variance: ((BLOCKS - 1) / BLOCKS) * spread };
  }

  private squaredNorm(left: number | undefined): number {
    const total = new Float64Array(this.sums[0]?.length ?? 0);
    let [squares, count] = [0, 0];
    for (const [block, sum] of this.sums.entries()) {
      if (block === left) continue;
      for (let d = 0; d < total.length; d++) (total[d] as number) += sum[d] as number;
      squares += this.squares[block] as number;
      count += this.counts[block] as number;
    }
    const norm = total.reduce((sum, value) => sum + value * value, 0);
    return (norm - squares) / (count * (count - 1));
  }
}
