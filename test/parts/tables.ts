import { randomRows } from "../train/rows.ts";
import type { Table } from "./split.ts";

/** Rows around a few centres. */
export function clustered(itemCount: number, dim: number, seed: number, size = 1): Float32Array {
  const centres = randomRows(9 * dim, seed);
  return randomRows(itemCount * dim, seed + 1).map((value, i) => {
    const centre = Math.floor(i / dim) % 9;
    return size * ((centres[centre * dim + (i % dim)] as number) + 0.4 * value);
  });
}

export const ITEM_COUNT = 240;
export const DIM = 6;

const data = clustered(ITEM_COUNT, DIM, 1);
/** Some rows are there twice, in other parts, so that ties show. */
for (let id = 0; id < 20; id++) data.set(data.subarray(id * DIM, (id + 1) * DIM), (ITEM_COUNT - 1 - id) * DIM);
const bias = randomRows(ITEM_COUNT, 3);
for (let id = 0; id < 20; id++) bias[ITEM_COUNT - 1 - id] = bias[id] as number;

/** Tables of all row types, both metrics, with and without biases. */
export const TABLES: Readonly<Record<string, Table>> = {
  "int8 rows, biases": { data, dim: DIM, bias, options: { bits: 2, seed: 1 } },
  "f32 rows": { data, dim: DIM, options: { bits: 2, seed: 1, rowType: "f32" } },
  "f16 rows, cosine": { data, dim: DIM, options: { bits: 2, seed: 1, rowType: "f16", metric: "cosine" } },
  "fine codes": { data, dim: DIM, bias, options: { bits: 2, seed: 1, fineCodes: true, calibrate: "off" } },
};

export const queries = [0.5, 2, 6].map((size, i) => randomRows(DIM, 50 + i).map((value) => size * value));

/** Sizes of parts: two, three with an empty one, and eight with empty ones and parts of one class. */
export const SIZES = [
  [100, 140],
  [1, 0, 239],
  [0, 1, 60, 1, 100, 0, 77, 1],
] as const;
