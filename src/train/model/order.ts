import { PURPOSE, uniforms } from "../random/uniforms.ts";

/** The rows of an epoch in their order: Fisher–Yates. The same seed and epoch give the same order. */
export function orderOf(rows: number, seed: bigint, epoch: number): Uint32Array {
  const uniform = uniforms({ seed, purpose: PURPOSE.order, codebook: 0, restart: epoch });
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  for (let last = rows - 1; last > 0; last--) {
    const other = Math.floor(uniform(last) * (last + 1));
    const value = order[last] as number;
    order[last] = order[other] as number;
    order[other] = value;
  }
  return order;
}

/** At most `most` rows, evenly spaced. */
export function spacedRows(rows: number, most: number): Uint32Array {
  const count = Math.min(rows, most);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}
