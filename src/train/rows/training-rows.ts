import type { Arena } from "../runtime/arena.ts";
import { columnRows, type RowSource } from "./row-source.ts";

/** The rows of the training sample, kept for as many walks as k-means takes. */
export interface TrainingRows {
  readonly rowCount: number;
  readonly dim: number;
  /** Adds the next rows, f32 (rows, dim). */
  add(rows: Float32Array): void;
  /** Columns `from` up to, not including, `to` of the rows, once all are added. */
  columns(arena: Arena, from: number, to: number): RowSource;
  /** Where they lie, once all are added. */
  place(): RowsPlace;
}

/** Training rows, and what each of them weighs in k-means. */
export interface WeightedRows {
  readonly rows: TrainingRows;
  /** f64 (rows.rowCount), ≥ 0. */
  readonly weights: Float64Array;
}

/** Says to another thread where rows are, if it is one that can read them there. */
export type RowsPlace = {
  readonly rowCount: number;
  readonly dim: number;
} & ({ readonly data: Float32Array } | { readonly descriptor: number });

/** `data` is f32 (rowCount, dim). */
export function memoryTrainingRows(
  rowCount: number,
  dim: number,
  data: Float32Array = new Float32Array(rowCount * dim),
): TrainingRows {
  let filled = 0;
  return {
    rowCount,
    dim,
    add(rows) {
      data.set(rows, filled);
      filled += rows.length;
    },
    place: () => ({ rowCount, dim, data }),
    columns: (arena, from, to) => columnRows(arena, { data, dim, from, to }, rowCount),
  };
}
