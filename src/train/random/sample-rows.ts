/** Rows drawn for training, in ascending order, and the weight that each carries in the training. */
export interface RowSample {
  readonly ids: Uint32Array;
  readonly weights: Float64Array;
}

/**
 * Finds the c with Σ min(1, c·w_i) = expectedRows. Rows with c·w_i ≥ 1 are set aside until no more appear. c only grows
 * on the way, so few rounds are needed. Returns Infinity where there are at most expectedRows positive weights.
 */
function inclusionFactor(weights: ArrayLike<number>, expectedRows: number): number {
  let factor = 0;
  for (let certain = -1; ; ) {
    let count = 0;
    let positive = 0;
    let rest = 0;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i] as number;
      if (weight > 0) positive++;
      if (weight * factor >= 1) count++;
      else rest += weight;
    }
    if (positive <= expectedRows) return Infinity;
    if (count === certain || count >= expectedRows) return factor;
    certain = count;
    factor = (expectedRows - count) / rest;
  }
}

/**
 * Lowers the largest weights to one value, so that none is more than 1 / `rows` of their sum. With no more than `rows`
 * positive weights, these become equal.
 */
export function capWeights(weights: Float32Array, rows: number): Float32Array {
  const factor = inclusionFactor(weights, rows);
  return weights.map((weight) => (weight > 0 ? Math.min(1, weight * factor) : 0));
}

/**
 * Draws a Poisson importance sample: row i is taken with probability p_i = min(1, c·w_i), independently of the others, and
 * then weighs w_i / p_i. So Σ (w_i/p_i)·f(i) over the sample is an unbiased estimate of Σ w_i·f(i). c is chosen so that
 * the expected size is `expectedRows`. Heavy rows (c·w_i ≥ 1) are always taken, with their own weight, and rows of weight
 * 0 never are. Where no weight is positive, all rows weigh the same.
 *
 * `uniform(i)` is the random number of row i, in [0, 1).
 */
export function sampleRows(
  weights: ArrayLike<number>,
  expectedRows: number,
  uniform: (index: number) => number,
): RowSample {
  let largest = 0;
  for (let i = 0; i < weights.length; i++) if ((weights[i] as number) > largest) largest = weights[i] as number;
  const effective = largest > 0 ? weights : new Float32Array(weights.length).fill(1);
  const factor = inclusionFactor(effective, expectedRows);
  const ids: number[] = [];
  const carried: number[] = [];
  for (let i = 0; i < effective.length; i++) {
    const weight = effective[i] as number;
    const probability = weight > 0 ? weight * factor : 0;
    if (uniform(i) >= probability) continue;
    ids.push(i);
    carried.push(probability >= 1 ? weight : 1 / factor);
  }
  return { ids: Uint32Array.from(ids), weights: Float64Array.from(carried) };
}
