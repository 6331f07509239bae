import type { Logarithms } from "../arithmetic/logarithms.ts";
import { type RowWeights, rowsAt } from "./row-weights.ts";

/** Rows that represent all rows where entropies are computed. */
export interface EntropySample {
  /** Ascending and distinct. */
  readonly ids: Int32Array;
  /** The logarithm of the number of rows that each stands for, at least 0. */
  readonly logShares: Float64Array;
}

/** Most rows of a sample. */
export const SAMPLE_ROWS = 16384;

/**
 * Draws a systematic sample: a row of weight w is in it with probability p = min(1, w · SAMPLE_ROWS / total), and stands
 * for 1 / p rows. All rows are in it if there are at most SAMPLE_ROWS. `start` in [0, 1) is its random number.
 */
export function drawEntropySample({ log64 }: Logarithms, weights: RowWeights, start: number): EntropySample {
  const { itemCount, total, of } = weights;
  if (itemCount <= SAMPLE_ROWS) {
    return { ids: Int32Array.from({ length: itemCount }, (_, row) => row), logShares: new Float64Array(itemCount) };
  }
  const drawn = rowsAt(
    weights,
    Float64Array.from({ length: SAMPLE_ROWS }, (_, i) => (i + start) / SAMPLE_ROWS),
  );
  const ids = drawn.filter((row, i) => i === 0 || row !== drawn[i - 1]);
  const logShares = Float64Array.from(ids, (row) => Math.max(0, -log64((of(row) * SAMPLE_ROWS) / total)));
  return { ids, logShares };
}
