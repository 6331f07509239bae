import type { IndexInfo } from "../../index.ts";
import type { BuildReport } from "../../train/index.ts";

/** Rows of f16 lose .03 % of their norm. Where they lose more than int8 does, values are below the normal ones of f16. */
const MOST_LOST = 0.01;

/** Warns of rows that are too small for f16. Those of int8 have scales of their own, so that they can have any size. */
export function lossyRowWarnings(rowType: IndexInfo["rowType"], rowError: BuildReport["rowError"]): string[] {
  if (rowType !== "f16" || rowError < MOST_LOST) return [];
  const lost = (100 * rowError).toFixed(2);
  return [
    `values are too small for f16, which rounds to multiples of 6e-8: storing the rows lost ${lost} % of their norm; scale the rows, or take --row-type f32`,
  ];
}
