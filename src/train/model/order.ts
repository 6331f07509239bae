import { shuffled } from "../random/shuffled.ts";
import { PURPOSE, uniforms } from "../random/uniforms.ts";

/** Returns the order of the rows in an epoch. The same seed and epoch give the same order. */
export function orderOf(rows: number, seed: bigint, epoch: number): Uint32Array {
  const uniform = uniforms({ seed, purpose: PURPOSE.order, codebook: 0, restart: epoch });
  return shuffled(rows, uniform);
}

/** Picks at most `most` evenly spaced rows. */
export function spacedRows(rows: number, most: number): Uint32Array {
  const count = Math.min(rows, most);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}
