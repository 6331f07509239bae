import { MATRIX_BYTES, MATRIX_COLUMN_STEP, MATRIX_ROW_STEP, MATRIX_VALUES } from "../../../build/structs.ts";
import type { Arena } from "../runtime/arena.ts";

/** Writes the struct of a matrix of f32 for `addWeightedRows`. The steps are in bytes. */
export const placeMatrix = (arena: Arena, values: number, rowStep: number, columnStep: number): number =>
  arena.struct(MATRIX_BYTES, {
    [MATRIX_VALUES]: values,
    [MATRIX_ROW_STEP]: rowStep,
    [MATRIX_COLUMN_STEP]: columnStep,
  });
