import { randomRows } from "./train/rows.ts";

/** Vectors like those of trained layers: around a few centres, with biases and with norms that differ a hundredfold. */
export interface RawVectors {
  /** Rows as (itemCount × dim) f32. */
  readonly data: Float32Array;
  readonly shape: [itemCount: number, dim: number];
  readonly bias: Float32Array;
  /** Queries of different lengths, which give small to large logits. */
  readonly queries: readonly Float32Array[];
}

export function rawVectors(itemCount: number, dim: number, seed: number): RawVectors {
  const CENTRES = 9;
  const centres = randomRows(CENTRES * dim, 10 * seed);
  const noise = randomRows(itemCount * dim, 10 * seed + 1);
  const sizes = randomRows(itemCount, 10 * seed + 2).map((value) => 10 ** value);
  const data = noise.map((value, i) => {
    const id = Math.floor(i / dim);
    const centre = Math.floor(id ** 1.5) % CENTRES;
    return (sizes[id] as number) * ((centres[centre * dim + (i % dim)] as number) + 0.5 * value);
  });
  const bias = randomRows(itemCount, 10 * seed + 3).map((value) => 3 * value);
  const queries = [0.1, 1, 5].map((size, i) => randomRows(dim, 10 * seed + 4 + i).map((value) => size * value));
  return { data, shape: [itemCount, dim], bias, queries };
}
