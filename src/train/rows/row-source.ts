import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/** Rows per block: what is in WASM memory at a time, and the unit sums are taken over (the order of additions). */
export const BLOCK_ROWS = 4096;

/** Rows that are brought into the train instance block by block, so that it never holds the whole input. */
export interface RowSource {
  readonly rowCount: number;
  readonly dim: number;
  /** Writes rows start … start + count − 1 at `address`: f32 (count, dim). */
  load(start: number, count: number, address: number): void;
}

/** Columns `from` up to, not including, `to` of a matrix. */
export interface Columns {
  /** f32 (N, dim), row-major. */
  readonly data: Float32Array;
  readonly dim: number;
  readonly from: number;
  readonly to: number;
}

/** The first `rowCount` rows. */
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

/** The residuals of `source` under `codebook`: row − codebook[code], with the codes of all its rows. */
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

/** A loop beats `set(subarray())` for single rows: no view is made per row. */
function copyRow(from: Float32Array, start: number, count: number, to: Float32Array, at: number): void {
  for (let d = 0; d < count; d++) to[at + d] = from[start + d] as number;
}
