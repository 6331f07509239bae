import { bucketDispersions, meanSquare } from "../codes/dispersion.ts";
import { type InvertedLists, invertLists, moveBehind } from "../codes/inverted-lists.ts";
import { chooseOutliers, MOST_OUTLIERS, outlierLimit, typicalQueryNorm } from "../codes/outliers.ts";
import { rootMeanSquareNorm } from "../rows/matrix.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import type { BaseIndex } from "./base-index.ts";
import type { CompactedCodes } from "./compacted-codes.ts";
import type { MeasuredRows } from "./measured-rows.ts";

/** The classes by bucket, and the dispersions of their residuals. */
export interface CompactedLists {
  readonly lists: InvertedLists;
  readonly outlierCount: number;
  /** f32 (buckets). */
  readonly dispersions: Float32Array;
  /** The mean square of the residual that fine codes leave, 0 without them. */
  readonly codeDispersion: number;
}

/** Sorts the classes by bucket and chooses the outliers, as a build of these rows with these codes does. */
export function listClasses(
  kernels: TrainKernels,
  { facts, warm }: BaseIndex,
  codes: CompactedCodes,
  { squares, codeSquares, bias, meanSquareNorm }: MeasuredRows,
  queries: Float32Array | undefined,
): CompactedLists {
  const given = facts.metric === "cosine" ? 1 : rootMeanSquareNorm(queries, facts.dim);
  const queryNorm = given ?? typicalQueryNorm(squares.length, meanSquareNorm, kernels);
  const outliers = chooseOutliers({ squares, bias, queryNorm }, outlierLimit(squares.length, MOST_OUTLIERS));
  const { lists } = moveBehind(invertLists(codes, warm.quantizer.codewordCount), outliers);
  return {
    lists,
    outlierCount: outliers.length,
    dispersions: bucketDispersions(lists, squares),
    codeDispersion: codeSquares ? meanSquare(lists, codeSquares) : 0,
  };
}
