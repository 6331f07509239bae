import type { Matrix } from "./matrix.ts";
import { BLOCK_ROWS } from "./row-source.ts";
import { unitRows } from "./unit-rows.ts";

/** The rows of a build, in order and as often as they are asked for: all that a build reads of its input. */
export interface RowTable {
  readonly itemCount: number;
  readonly dim: number;
  /** Rows of a chunk, but for the last; at least 1. */
  readonly chunkRows: number;
  /** All rows, f32 (rows, dim) at a time. What comes next may overwrite a chunk. */
  chunks(): Iterable<Float32Array> | AsyncIterable<Float32Array>;
}

/** Values of a chunk: 4 MiB. */
const CHUNK_VALUES = 2 ** 20;

/** A matrix in memory, whose chunks are views of it. */
export function tableOf({ data, shape: [itemCount, dim] }: Matrix): RowTable {
  const chunkRows = Math.max(1, Math.min(BLOCK_ROWS, Math.floor(CHUNK_VALUES / dim)));
  return {
    itemCount,
    dim,
    chunkRows,
    *chunks() {
      for (let row = 0; row < itemCount; row += chunkRows) {
        yield data.subarray(row * dim, Math.min(row + chunkRows, itemCount) * dim);
      }
    },
  };
}

/** The same rows at unit length; zero rows stay. */
export function unitTable(table: RowTable): RowTable {
  const { dim, chunkRows } = table;
  return {
    ...table,
    async *chunks() {
      const unit = new Float32Array(chunkRows * dim);
      for await (const chunk of table.chunks()) yield unitRows(chunk, dim, unit);
    },
  };
}
