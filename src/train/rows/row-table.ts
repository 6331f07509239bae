import { unitRows } from "../../format/unit-rows.ts";
import type { Matrix } from "./matrix.ts";
import { BLOCK_ROWS } from "./row-source.ts";

/** The input rows of a build, which reads them in order, several times. */
export interface RowTable {
  readonly itemCount: number;
  readonly dim: number;
  /** Rows of every chunk but the last, which may be smaller. At least 1. */
  readonly chunkRows: number;
  /** Yields all rows, f32 (rows, dim) at a time. The next chunk may overwrite the last. */
  chunks(): Iterable<Float32Array> | AsyncIterable<Float32Array>;
}

/** Most values of a chunk, which is 4 MiB. */
const CHUNK_VALUES = 2 ** 20;

/** Returns the rows of a chunk where memory is not limited. */
export const chunkRowsOf = (dim: number): number =>
  Math.max(1, Math.min(BLOCK_ROWS, Math.floor(CHUNK_VALUES / Math.max(1, dim))));

/** Makes a table over a matrix in memory. Its chunks are views. */
export function tableOf({ data, shape: [itemCount, dim] }: Matrix): RowTable {
  const chunkRows = chunkRowsOf(dim);
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

/** Returns a table of the same rows at unit length. Zero rows stay zero. */
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
