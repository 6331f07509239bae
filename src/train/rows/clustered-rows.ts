import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { type RowSource, residualRows } from "./row-source.ts";
import type { TrainingRows } from "./training-rows.ts";

/** The values that k-means clusters: columns `from` … `to` − 1 of the training rows or of their residuals. */
export interface ClusteredRows {
  readonly from: number;
  readonly to: number;
  /** The codebook to subtract, f32 (K, to − from), and the codeword of each row. */
  readonly subtract?: { readonly codebook: Float32Array; readonly codes: Uint16Array };
}

export function openClustered(
  kernels: TrainKernels,
  arena: Arena,
  rows: TrainingRows,
  { from, to, subtract }: ClusteredRows,
): RowSource {
  const columns = rows.columns(arena, from, to);
  return subtract ? residualRows(kernels, arena, columns, subtract.codebook, subtract.codes) : columns;
}
