import {
  MATRIX_BYTES,
  MATRIX_COLUMN_STEP,
  MATRIX_ROW_STEP,
  MATRIX_VALUES,
  PANELS_BYTES,
  PANELS_COLUMN_COUNT,
  PANELS_DEPTH,
  PANELS_VALUES,
} from "../../../build/structs.ts";
import { PANEL_WIDTH } from "../../abi.ts";
import type { ModelKernels } from "../model/kernels.ts";
import type { Arena } from "../runtime/arena.ts";

/** A matrix of f32 in memory. The steps between rows and between columns are in bytes. */
export interface Steps {
  readonly values: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** Returns a matrix whose rows of `width` values lie one after the other. */
export const rowsAt = (values: number, width: number): Steps => ({ values, rowStep: 4 * width, columnStep: 4 });

export const transposed = ({ values, rowStep, columnStep }: Steps): Steps => ({
  values,
  rowStep: columnStep,
  columnStep: rowStep,
});

/** The place for the sums of a product: rows of f32, a number of bytes apart. */
export interface Sums {
  readonly out: number;
  readonly outBytes: number;
  readonly rows: number;
}

/** Room for a right matrix in panels. */
export interface Panels {
  /** Packs a matrix (depth, columns). */
  pack(matrix: Steps, depth: number, columns: number): void;
  /** Adds the product of a matrix (rows, depth) with the packed one. */
  addTo(sums: Sums, left: Steps): void;
}

/** Returns the bytes of a matrix in panels. */
export const panelBytes = (depth: number, columns: number): number =>
  Math.ceil(columns / PANEL_WIDTH) * PANEL_WIDTH * depth * 4;

/** Makes room for right matrices of up to `bytes` bytes in panels. */
export function planPanels(kernels: ModelKernels, arena: Arena, bytes: number): Panels {
  const values = arena.take(bytes);
  const [panels, matrix] = [arena.take(PANELS_BYTES), arena.take(MATRIX_BYTES)];
  const place = ({ values, rowStep, columnStep }: Steps): void =>
    arena.set(matrix, { [MATRIX_VALUES]: values, [MATRIX_ROW_STEP]: rowStep, [MATRIX_COLUMN_STEP]: columnStep });
  return {
    pack(right, depth, columns) {
      arena.set(panels, { [PANELS_VALUES]: values, [PANELS_DEPTH]: depth, [PANELS_COLUMN_COUNT]: columns });
      place(right);
      kernels.packColumns(matrix, panels);
    },
    addTo({ out, outBytes, rows }, left) {
      place(left);
      kernels.addProducts(out, outBytes, rows, matrix, panels);
    },
  };
}

/** Positions that are summed over at a time, so that a block of both matrices stays in the cache. */
const BLOCK = 256;

/** Adds leftᵀ right, summed over positions, to sums: the gradient of weights from inputs and gradients of outputs. */
export type AddOverPositions = (out: number, left: Rows, right: Rows, positions: number) => void;

/** Rows of `width` values. */
export interface Rows {
  readonly values: number;
  readonly width: number;
  /** The number of values that are columns of the matrix. Default: all. */
  readonly columns?: number;
}

/** Plans products over positions. `widest` is the largest width of a right matrix. */
export function planOverPositions(kernels: ModelKernels, arena: Arena, widest: number): AddOverPositions {
  const panels = planPanels(kernels, arena, panelBytes(BLOCK, widest));
  return (out, left, right, positions) => {
    for (let first = 0; first < positions; first += BLOCK) {
      const count = Math.min(BLOCK, positions - first);
      panels.pack(rowsAt(right.values + first * right.width * 4, right.width), count, right.width);
      const sums = { out, outBytes: right.width * 4, rows: left.columns ?? left.width };
      panels.addTo(sums, transposed(rowsAt(left.values + first * left.width * 4, left.width)));
    }
  };
}

/** Sets each of `count` rows to `row`, by copies of twice the length. */
export function repeatRow(arena: Arena, out: number, count: number, row: Float32Array): void {
  const { length } = row;
  const all = arena.f32(out, count * length);
  all.set(row);
  for (let filled = length; filled < all.length; filled *= 2)
    all.copyWithin(filled, 0, Math.min(filled, all.length - filled));
}
