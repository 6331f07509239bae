import { BLOCK_ROWS } from "../rows/row-source.ts";
import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/**
 * Computes the inner products of rows, f32 (n, dim), with directions, f32 (count, dim). `visit` receives the products of
 * one direction with one block of rows at a time. They are valid during the call.
 */
export function project(
  kernels: TrainKernels,
  arena: Arena,
  rows: Float32Array,
  directions: Float32Array,
  dim: number,
  visit: (direction: number, firstRow: number, products: Float64Array) => void,
): void {
  const rowCount = rows.length / dim;
  const directionsPtr = arena.take(directions.byteLength);
  const rowsPtr = arena.take(BLOCK_ROWS * dim * 4);
  const productsPtr = arena.take(BLOCK_ROWS * 8);
  arena.f32(directionsPtr, directions.length).set(directions);
  for (let first = 0; first < rowCount; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rowCount - first);
    arena.f32(rowsPtr, count * dim).set(rows.subarray(first * dim, (first + count) * dim));
    for (let k = 0; k < directions.length / dim; k++) {
      kernels.dotProducts(directionsPtr + k * dim * 4, rowsPtr, count, dim, productsPtr);
      visit(k, first, arena.f64(productsPtr, count));
    }
  }
}
