/** The softmax of some logits. It draws through the inverse of the distribution function. */
export class Categorical {
  private readonly logits: Float32Array;
  /** Inclusive prefix sums of the weights, relative to the largest weight. */
  private readonly cumulative: Float64Array;
  private readonly logTotal: number;

  constructor(logits: Float32Array) {
    this.logits = logits;
    const largest = logits.reduce((a, b) => Math.max(a, b));
    this.cumulative = new Float64Array(logits.length);
    let sum = 0;
    for (const [i, logit] of logits.entries()) {
      sum += Math.exp(logit - largest);
      this.cumulative[i] = sum;
    }
    this.logTotal = Math.log(sum) + largest;
  }

  /** Returns the class of u in [0, 1). Each class has a part of the interval of the length of its probability. */
  at(u: number): number {
    const { cumulative } = this;
    const mass = u * (cumulative.at(-1) ?? 0);
    let [low, high] = [0, cumulative.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] as number) > mass) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  logProbability(id: number): number {
    return (this.logits[id] as number) - this.logTotal;
  }
}
