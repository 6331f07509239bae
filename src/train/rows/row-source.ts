import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/** Rows per block: the rows in WASM memory at a time. Sums are taken block by block, so this fixes their order. */
export const BLOCK_ROWS = 4096;

/** Rows that are loaded into the train instance block by block, so that it never holds the whole input. */
export interface RowSource {
  readonly rowCount: number;
  readonly dim: number;
  /** Writes rows start … start + count − 1 to `address` as f32 (count, dim). */
  load(start: number, count: number, address: number): void;
}

/** Columns `from` … `to` − 1 of a matrix. */
export interface Columns {
  /** f32 (N, dim), row-major. */
  readonly data: Float32Array;
  readonly dim: number;
  readonly from: number;
  readonly to: number;
}

/** Opens the columns of the first `rowCount` rows. */
export function columnRows(arena: Arena, { data, dim, from, to }: Columns, rowCount: number): RowSource {
  const width = to - from;
  return {
    rowCount,
    dim: width,
    load(start, count, address) {
      const rows = arena.f32(address, count * width);
      if (width === dim) rows.set(data.subarray(start * dim, (start + count) * dim));
      else for (let i = 0; i < count; i++) copyRow(data, (start + i) * dim + from, width, rows, i * width);
    },
  };
}

/** Opens the residuals row − codebook[code] of `source`. `codes` has the codeword of each of its rows. */
export function residualRows(
  kernels: TrainKernels,
  arena: Arena,
  source: RowSource,
  codebook: Float32Array,
  codes: Uint16Array,
): RowSource {
  const codebookPtr = arena.take(codebook.byteLength);
  const codesPtr = arena.take(codes.byteLength);
  arena.f32(codebookPtr, codebook.length).set(codebook);
  arena.u16(codesPtr, codes.length).set(codes);
  return {
    rowCount: source.rowCount,
    dim: source.dim,
    load(start, count, address) {
      source.load(start, count, address);
      kernels.residuals(address, codebookPtr, codesPtr + start * 2, count, source.dim, address);
    },
  };
}

/** A loop is faster than `set(subarray())` for single rows, because it makes no view per row. */
function copyRow(from: Float32Array, start: number, count: number, to: Float32Array, at: number): void {
  for (let d = 0; d < count; d++) to[at + d] = from[start + d] as number;
}
