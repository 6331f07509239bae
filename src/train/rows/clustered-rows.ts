import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { type RowSource, residualRows } from "./row-source.ts";
import type { TrainingRows } from "./training-rows.ts";

/** The part of the training rows that k-means clusters: columns `from` up to, not including, `to`, less their codewords. */
export interface ClusteredRows {
  readonly from: number;
  readonly to: number;
  /** f32 (K, to − from), and the codeword of each row. */
  readonly less?: { readonly codebook: Float32Array; readonly codes: Uint16Array };
}

export function openClustered(
  kernels: TrainKernels,
  arena: Arena,
  rows: TrainingRows,
  { from, to, less }: ClusteredRows,
): RowSource {
  const columns = rows.columns(arena, from, to);
  return less ? residualRows(kernels, arena, columns, less.codebook, less.codes) : columns;
}
