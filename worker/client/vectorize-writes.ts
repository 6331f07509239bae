import { json, listedValues } from "./request-of.ts";

/** A class to write. */
export interface VectorizeBindingInput {
  /** The label of the class, or its id if the index has no labels. */
  id: string;
  /** The row: `dim` values. */
  values: Float32Array | Float64Array | readonly number[];
  /** The values of the columns of the index, and anything else, at most 10 KiB of JSON. */
  metadata?: Record<string, unknown>;
  /** The namespace of the class. */
  namespace?: string;
}

/** Changes that are kept, with the fields of both types of Workers: Vectorize and the older VectorizeIndex. */
export interface VectorizeBindingMutation {
  /** The id of the changes. */
  mutationId: string;
  /** The ids that were sent. */
  ids: string[];
  /** The number of these ids. */
  count: number;
}

/** The result that a write returns in its envelope. */
export interface Mutated {
  readonly result: { readonly mutationId: string };
}

export const mutationOf = ({ mutationId }: Mutated["result"], ids: readonly string[]): VectorizeBindingMutation => ({
  mutationId,
  ids: [...ids],
  count: ids.length,
});

/** Writes vectors one below the other, and lets the service name what is wrong in one of them. */
export function linesOf(vectors: readonly VectorizeBindingInput[]): string {
  if (!Array.isArray(vectors)) {
    throw new TypeError(`"vectors" expected an array of vectors, got ${vectors && typeof vectors}`);
  }
  for (const vector of vectors) listedValues(vector?.values);
  return vectors.map((vector) => `${json(vector ?? null)}\n`).join("");
}
