import type { Arena } from "../runtime/arena.ts";
import { columnRows, type RowSource } from "./row-source.ts";
import { type RowTable, tableOf } from "./row-table.ts";

/** The rows of the training sample, kept for all passes of k-means. */
export interface TrainingRows {
  readonly rowCount: number;
  readonly dim: number;
  /** Appends rows, f32 (rows, dim). */
  add(rows: Float32Array): void;
  /** Opens columns `from` … `to` − 1 of the rows, once all are added. */
  columns(arena: Arena, from: number, to: number): RowSource;
  /** Opens all rows as a table, once all are added. */
  table(): RowTable;
  /** Tells where the rows are stored, once all are added. */
  place(): RowsPlace;
}

/** Training rows and the weight of each in k-means. */
export interface WeightedRows {
  readonly rows: TrainingRows;
  /** f64 (rows.rowCount), ≥ 0. */
  readonly weights: Float64Array;
}

/** The location of rows. It can be sent to a thread that shares the memory or the file. */
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
    table: () => tableOf({ data, shape: [rowCount, dim] }),
    place: () => ({ rowCount, dim, data }),
    columns: (arena, from, to) => columnRows(arena, { data, dim, from, to }, rowCount),
  };
}
