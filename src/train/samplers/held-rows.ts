import type { Arena } from "../arena.ts";
import type { TrainKernels } from "../kernels.ts";

/** Rows in the memory of an instance. */
export interface HeldRows {
  /** f32 (rowCount, dim). */
  set(rows: Float32Array): void;
  /** Inner product of each row with a query (dim), until the next call. */
  products(query: Float32Array): Float64Array;
}

export function holdRows(kernels: TrainKernels, arena: Arena, rowCount: number, dim: number): HeldRows {
  const queryPtr = arena.take(dim * 4);
  const rowsPtr = arena.take(rowCount * dim * 4);
  const productsPtr = arena.take(rowCount * 8);
  return {
    set: (rows) => arena.f32(rowsPtr, rowCount * dim).set(rows),
    products(query) {
      arena.f32(queryPtr, dim).set(query);
      kernels.dotProducts(queryPtr, rowsPtr, rowCount, dim, productsPtr);
      return arena.f64(productsPtr, rowCount);
    },
  };
}
