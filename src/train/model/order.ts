import { shuffled } from "../random/shuffled.ts";
import { PURPOSE, uniforms } from "../random/uniforms.ts";

/** The rows of an epoch in their order. The same seed and epoch give the same order. */
export function orderOf(rows: number, seed: bigint, epoch: number): Uint32Array {
  const uniform = uniforms({ seed, purpose: PURPOSE.order, codebook: 0, restart: epoch });
  return shuffled(rows, uniform);
}

/** At most `most` rows, evenly spaced. */
export function spacedRows(rows: number, most: number): Uint32Array {
  const count = Math.min(rows, most);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}
