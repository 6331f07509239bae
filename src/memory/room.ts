import type { IndexFacts } from "../format/facts.ts";
import { padTo, VECTOR_BYTES } from "../format/tensor-spec.ts";
import { rowBytes } from "../format/tensors.ts";

/**
 * Returns the number of positions behind those of the file: one for each row that changes may add, and one that belongs to
 * no class and stands for those that were added and removed.
 */
export const addedPositions = (maxDelta: number): number => (maxDelta > 0 ? maxDelta + 1 : 0);

/** Returns the bytes that a class takes which changes add: its rows, id, bias and scale. */
export const addedBytes = (facts: Pick<IndexFacts, "dim" | "rows"> & { readonly residuals?: unknown }): number =>
  (facts.residuals ? 2 : 1) * rowBytes(facts) + 12;

/**
 * Returns the bytes that `added` positions take in all tensors of a file with a value for every position. They lie behind the file
 * until changes move its tensors apart (src/changes/room-in-tensors.ts).
 */
export function roomBytes(facts: IndexFacts, added: number): number {
  const padding = 5 * VECTOR_BYTES; // of ids, biases, scales, rows and residuals
  return added && padTo(added * addedBytes(facts) + padding, VECTOR_BYTES);
}
