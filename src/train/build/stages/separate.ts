import { paddedRow, ROW_VALUE_BYTES } from "../../../format/tensors.ts";
import { bucketDispersions, meanSquare } from "../../codes/dispersion.ts";
import { codeBlocksOf, fineRecordBytes } from "../../codes/fine-coding.ts";
import { moveBehind } from "../../codes/inverted-lists.ts";
import { chooseOutliers, outlierLimit, typicalQueryNorm } from "../../codes/outliers.ts";
import type { ByteChunks } from "../../runtime/byte-chunks.ts";
import { recordsBehind } from "../../runtime/records.ts";
import type { Build, Stage } from "./stage.ts";
import type { Stored, StoredRows } from "./store.ts";

export interface Separated extends Stored {
  /** The ids of the outliers, ascending. */
  readonly outliers: Int32Array;
  /** f32 (buckets): the mean squared residual of a bucket. */
  readonly dispersions: Float32Array;
  /** The mean squared error of rows under their fine codes. Undefined where the build makes none. */
  readonly codeDispersion: number | undefined;
  /** The tensors of rows, in the order of the file. */
  readonly placed: PlacedRows;
}

interface PlacedRows {
  readonly rows: ByteChunks;
  readonly scales: ByteChunks | undefined;
  readonly refinements: ByteChunks | undefined;
  readonly fineCodes: ByteChunks | undefined;
}

/** Chooses the outliers and moves them behind the last bucket. Measures the dispersions of the other classes. */
export const separateOutliers: Stage<Stored, Separated> = async (build, input) => {
  const { plan, kernels } = build;
  const { squares, codeSquares, meanSquareNorm } = input.stored;
  const queryNorm = plan.queryNorm ?? typicalQueryNorm(squares.length, meanSquareNorm, kernels);
  const scores = { squares, bias: plan.bias, queryNorm };
  const outliers = chooseOutliers(scores, outlierLimit(squares.length, plan.mostOutliers));
  const { lists, positions } = moveBehind(input.lists, outliers);
  return {
    ...input,
    lists,
    outliers,
    dispersions: bucketDispersions(lists, squares),
    codeDispersion: codeSquares && meanSquare(lists, codeSquares),
    placed: placeBehind(build, input.stored, positions),
  };
};

/** Puts the rows at these positions behind all others. They have no fine codes there. */
function placeBehind({ plan, input: { dim } }: Build, stored: StoredRows, positions: Int32Array): PlacedRows {
  const rowBytes = paddedRow({ dim, rows: plan.rowType }) * ROW_VALUE_BYTES[plan.rowType];
  const fineBytes = fineRecordBytes(dim);
  return {
    rows: recordsBehind(stored.rows.chunks(), rowBytes, positions),
    scales: stored.scales && recordsBehind(stored.scales.chunks(), 4, positions),
    refinements: stored.refinements && recordsBehind(stored.refinements.chunks(), rowBytes, positions),
    fineCodes:
      stored.fineCodes && codeBlocksOf(recordsBehind(stored.fineCodes.chunks(), fineBytes, positions, true), fineBytes),
  };
}
