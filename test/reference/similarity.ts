import { dotF32, dotIntegers } from "./dot.ts";
import type { ReferenceIndex } from "./reference-index.ts";

/** The inner products of the stored row at `position` with others, of int8 rows those of their codes. */
export function rowProducts(index: ReferenceIndex, position: number, positions: Int32Array): Float32Array {
  const { dim } = index.facts;
  const rowAt = (place: number): Float32Array => index.rows.subarray(place * dim, (place + 1) * dim);
  const dot = index.rowScales ? dotIntegers : dotF32;
  return Float32Array.from(positions, (place) => dot(rowAt(position), rowAt(place)));
}
