/** Rows drawn for training, ascending, each with the weight it carries there. */
export interface RowSample {
  readonly ids: Uint32Array;
  readonly weights: Float64Array;
}

/**
 * The c with Σ min(1, c·w_i) = expectedRows. Rows with c·w_i ≥ 1 are set aside until no more appear; c only grows on
 * the way, so few rounds do. Infinity when the positive weights are no more than expectedRows.
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
 * Poisson importance sample: row i is taken with probability p_i = min(1, c·w_i) on its own and then weighs w_i / p_i,
 * so Σ over the sample of (w_i/p_i)·f(i) estimates Σ w_i·f(i) without bias. c makes the expected size `expectedRows`.
 * Heavy rows (c·w_i ≥ 1) are always in, with their own weight; rows of weight 0 never are. When no weight is positive
 * all rows count as equal.
 *
 * `uniform(i)` is row i's number in [0, 1).
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
