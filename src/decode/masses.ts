import type { Functions } from "../answers/functions.ts";

/** 1 / T in f32, as the kernels use it. */
export const inverseOf = (temperature: number): number => Math.fround(1 / temperature);

/**
 * Sums of the masses of ranked classes at a temperature, in units of that of the best one and in the order of the ranks.
 * They are computed as far as they are asked for, because most nuclei are a few classes of a thousand.
 */
export class Masses {
  private readonly functions: Functions;
  private readonly scores: Float32Array;
  private readonly inverse: number;
  /** The mass of the first classes, by their number. */
  private readonly sums = [0];

  constructor(functions: Functions, scores: Float32Array, temperature: number) {
    this.functions = functions;
    this.scores = scores;
    this.inverse = inverseOf(temperature);
  }

  /** Returns the mass of the first `count` classes. */
  of(count: number): number {
    while (this.sums.length <= count) this.addNext();
    return this.sums[count] as number;
  }

  /** Returns whether the mass of all ranked classes reaches `limit`. */
  reaches(limit: number): boolean {
    while ((this.sums.at(-1) as number) < limit && this.sums.length <= this.scores.length) this.addNext();
    return (this.sums.at(-1) as number) >= limit;
  }

  /** Returns the number of the first classes, at most `most`, with which the mass reaches `limit`. It is at least one. */
  countTo(limit: number, most: number): number {
    while ((this.sums.at(-1) as number) < limit && this.sums.length <= most) this.addNext();
    let [count, end] = [1, Math.min(most, this.sums.length - 1)];
    while (count < end) {
      const middle = (count + end) >> 1;
      if ((this.sums[middle] as number) >= limit) end = middle;
      else count = middle + 1;
    }
    return count;
  }

  /** Returns the first of `count` classes with which the mass exceeds `target`, which must be below all of it. */
  firstAbove(target: number, count: number): number {
    let [first, last] = [0, count - 1];
    while (first < last) {
      const middle = (first + last) >> 1;
      if (this.of(middle + 1) > target) last = middle;
      else first = middle + 1;
    }
    return first;
  }

  /** Returns log P of a class, among the first `count`, by its score. */
  logProbability(score: number, count: number): number {
    return (score - (this.scores[0] as number)) * this.inverse - this.functions.log64(this.of(count));
  }

  private addNext(): void {
    const done = this.sums.length - 1;
    const depth = ((this.scores[done] as number) - (this.scores[0] as number)) * this.inverse;
    this.sums.push((this.sums[done] as number) + this.functions.exp64(depth));
  }
}
