import type { Logarithms } from "../arithmetic/logarithms.ts";

/** Weights of the rows of a table. They are computed where they are needed, so that no array is as long as the table. */
export interface RowWeights {
  readonly itemCount: number;
  /** The sum of all weights, greater than 0 if there are rows. */
  readonly total: number;
  of(row: number): number;
}

/** Weighs each row by e^(bias / 2), the largest as 1, or all rows alike if there is no bias. */
export function weightsOf(
  { exp64 }: Pick<Logarithms, "exp64">,
  itemCount: number,
  bias: ArrayLike<number> | undefined,
): RowWeights {
  if (bias === undefined) return { itemCount, total: itemCount, of: () => 1 };
  let largest = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < itemCount; row++) largest = Math.max(largest, bias[row] as number);
  const of = (row: number): number => exp64(((bias[row] as number) - largest) / 2);
  let total = 0;
  for (let row = 0; row < itemCount; row++) total += of(row);
  return { itemCount, total, of };
}

/** Returns the rows at ascending places in [0, 1) of the cumulative weights, from the first row to the last. */
export function rowsAt({ itemCount, total, of }: RowWeights, places: ArrayLike<number>): Int32Array {
  const rows = new Int32Array(places.length);
  let before = 0;
  let last = 0;
  let next = 0;
  for (let row = 0; row < itemCount && next < places.length; row++) {
    const weight = of(row);
    if (weight === 0) continue;
    last = row;
    before += weight;
    while (next < places.length && (places[next] as number) * total < before) rows[next++] = row;
  }
  // Rounding may leave the total of the walk a little below the place.
  while (next < places.length) rows[next++] = last;
  return rows;
}
