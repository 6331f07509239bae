import { padded } from "../format/encoder-weights.ts";
import type { Stateful } from "./stateful.ts";

/** The number of values of a vector with its padding, and of those before the padding. */
export interface Width {
  readonly width: number;
  readonly filled: number;
}

/** Shows an encoder of vectors with padding (format/encoder-weights.ts) as one of vectors of `dim` values. */
export function withoutPadding(stateful: Stateful, dim: number): Stateful {
  const width = padded(dim);
  if (width === dim) return stateful;
  const widened = (vectors: readonly Float32Array[]): Float32Array[] =>
    vectors.map((vector) => {
      const wide = new Float32Array(width);
      wide.set(vector);
      return wide;
    });
  return {
    ...stateful,
    encode: (vectors) => stateful.encode(widened(vectors)).slice(0, dim),
    read(before, vectors) {
      const { state, query } = stateful.read(before, widened(vectors));
      return { state, query: query.slice(0, dim) };
    },
  };
}
