import type { InvertedLists } from "./inverted-lists.ts";

/**
 * Returns the mean squared residual of each bucket, f32 (buckets). `squares` are those of the classes, f32 (itemCount), by
 * id. Sums are in f64, by position.
 */
export function bucketDispersions({ offsets, ids }: InvertedLists, squares: Float32Array): Float32Array {
  return Float32Array.from({ length: offsets.length - 1 }, (_, bucket) => {
    const [first, end] = [offsets[bucket] as number, offsets[bucket + 1] as number];
    return meanOf(squares, ids, first, end);
  });
}

/** Returns the mean square of all classes that lie in buckets, and 0 if there are none. */
export const meanSquare = ({ offsets, ids }: InvertedLists, squares: Float32Array): number =>
  meanOf(squares, ids, 0, offsets.at(-1) as number);

function meanOf(squares: Float32Array, ids: Int32Array, first: number, end: number): number {
  let sum = 0;
  for (let position = first; position < end; position++) sum += squares[ids[position] as number] as number;
  return end > first ? sum / (end - first) : 0;
}
