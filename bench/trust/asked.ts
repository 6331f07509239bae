import { logitsOf, type StoredClasses, type Truth, truthOf } from "./truth.ts";

/** A query, with its exact answers. */
export interface Asked {
  readonly query: Float32Array;
  readonly truth: Truth;
}

/** Computes the exact answers for queries, f32 (n, dim): log Z at each of the temperatures, and the `most` largest logits. */
export const askedOf = (
  classes: StoredClasses,
  queries: Float32Array,
  temperatures: readonly number[],
  most: number,
): Asked[] =>
  Array.from({ length: queries.length / classes.dim }, (_, row) => {
    const query = queries.subarray(row * classes.dim, (row + 1) * classes.dim);
    return { query, truth: truthOf(logitsOf(classes, query), temperatures, most) };
  });
