import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/** Rows in the memory of an instance. */
export interface ResidentRows {
  /** Replaces the rows, f32 (rowCount, dim). */
  set(rows: Float32Array): void;
  /** Returns the inner product of each row with a query, f32 (dim). The result is valid until the next call. */
  products(query: Float32Array): Float32Array;
}

/** Allocates the rows. Products are f32, four values at a time: samplers that weigh every class spend their time here. */
export function placeRows(kernels: TrainKernels, arena: Arena, rowCount: number, dim: number): ResidentRows {
  const width = (dim + 3) & ~3;
  const queryPtr = arena.take(width * 4);
  const rowsPtr = arena.take(rowCount * width * 4);
  const productsPtr = arena.take((rowCount + 3) * 4);
  return {
    set(rows) {
      const resident = arena.f32(rowsPtr, rowCount * width);
      if (width === dim) resident.set(rows);
      else
        for (let row = 0; row < rowCount; row++) resident.set(rows.subarray(row * dim, (row + 1) * dim), row * width);
    },
    products(query) {
      arena.f32(queryPtr, dim).set(query);
      kernels.dotRows(queryPtr, rowsPtr, rowCount, width * 4, productsPtr);
      return arena.f32(productsPtr, rowCount);
    },
  };
}
