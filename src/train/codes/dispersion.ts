import type { InvertedLists } from "./inverted-lists.ts";

/**
 * Returns the dispersion of each bucket, f32 (buckets): the squared residual of its classes, weighted by itself. `squares`
 * are those of the classes, f32 (itemCount), by id. Sums are in f64, by position.
 */
export function bucketDispersions({ offsets, ids }: InvertedLists, squares: Float32Array): Float32Array {
  return Float32Array.from({ length: offsets.length - 1 }, (_, bucket) => {
    const [first, end] = [offsets[bucket] as number, offsets[bucket + 1] as number];
    return selfWeightedMean(squares, ids, first, end);
  });
}

/**
 * Returns Σ s² / Σ s over squares s: each counts by itself. It is close to the mean where squares are alike. Where one
 * class of a bucket lies far from the codewords, it is near that class's square, whose residual logit is the bucket's risk.
 */
function selfWeightedMean(squares: Float32Array, ids: Int32Array, first: number, end: number): number {
  let sum = 0;
  let weighted = 0;
  for (let position = first; position < end; position++) {
    const square = squares[ids[position] as number] as number;
    sum += square;
    weighted += square * square;
  }
  return sum > 0 ? weighted / sum : 0;
}

/** Returns the mean square of all classes that lie in buckets, and 0 if there are none. */
export const meanSquare = ({ offsets, ids }: InvertedLists, squares: Float32Array): number =>
  meanOf(squares, ids, 0, offsets.at(-1) as number);

function meanOf(squares: Float32Array, ids: Int32Array, first: number, end: number): number {
  let sum = 0;
  for (let position = first; position < end; position++) sum += squares[ids[position] as number] as number;
  return end > first ? sum / (end - first) : 0;
}
