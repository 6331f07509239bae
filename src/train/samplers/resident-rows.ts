import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/** Rows in the memory of an instance. */
export interface ResidentRows {
  /** f32 (rowCount, dim). */
  set(rows: Float32Array): void;
  /** Inner product of each row with a query (dim), until the next call. */
  products(query: Float32Array): Float32Array;
}

/** In f32, four values a step: what looks at every class for every query spends its time here. */
export function placeRows(kernels: TrainKernels, arena: Arena, rowCount: number, dim: number): ResidentRows {
  const width = (dim + 3) & ~3;
  const queryPtr = arena.take(width * 4);
  const rowsPtr = arena.take(rowCount * width * 4);
  const productsPtr = arena.take((rowCount + 3) * 4);
  return {
    set(rows) {
      const held = arena.f32(rowsPtr, rowCount * width);
      if (width === dim) held.set(rows);
      else for (let row = 0; row < rowCount; row++) held.set(rows.subarray(row * dim, (row + 1) * dim), row * width);
    },
    products(query) {
      arena.f32(queryPtr, dim).set(query);
      kernels.dotRows(queryPtr, rowsPtr, rowCount, width * 4, productsPtr);
      return arena.f32(productsPtr, rowCount);
    },
  };
}
