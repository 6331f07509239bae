import { principalDirections } from "../codes/directions.ts";
import { fineRecordBytes, planCodeSquares } from "../codes/fine-coding.ts";
import { startResidualSample } from "../codes/residual-sample.ts";
import { planSquares, SquareSums, takeResiduals } from "../codes/residuals.ts";
import { startSourceHash } from "../rows/source-hash.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { type BaseIndex, checksumOf } from "./base-index.ts";
import type { CompactedCodes } from "./compacted-codes.ts";
import type { StoredTable } from "./stored-table.ts";

/** The results of a pass over all rows, by new id. They follow from the stored rows, the biases and the codes. */
export interface MeasuredRows {
  /** ‖stored row − its codewords‖², f32. */
  readonly squares: Float32Array;
  /** ‖stored row − its first codeword − its fine codewords‖², f32. Undefined without fine codes. */
  readonly codeSquares: Float32Array | undefined;
  readonly directions: Float32Array;
  readonly meanSquareNorm: number;
  readonly largestSquareNorm: number;
  /** f32 (itemCount). Undefined without biases. */
  readonly bias: Float32Array | undefined;
  /** The hash of the stored rows and the biases, as 16 hex digits. */
  readonly source: string;
}

/** Measures the quantities by which the head of an index is chosen, as a build does. */
export async function measureRows(
  kernels: TrainKernels,
  { warm: { quantizer, fineCodebooks }, facts }: BaseIndex,
  table: StoredTable,
  { codes1, codes2, fineRecords }: CompactedCodes,
  yieldIfDue: YieldIfDue,
): Promise<MeasuredRows> {
  const { itemCount, dim } = table;
  const squaresOf = planSquares(quantizer);
  const codeSquaresOf = fineCodebooks && planCodeSquares(quantizer, fineCodebooks);
  const recordBytes = fineRecords ? fineRecordBytes(dim) : 0;
  const sample = startResidualSample(itemCount, quantizer);
  const sums = new SquareSums();
  const squares = new Float32Array(itemCount);
  const codeSquares = codeSquaresOf && new Float32Array(itemCount);
  const hash = startSourceHash(checksumOf(kernels));
  for (const { first, end, stored, values } of table.stored()) {
    const own = { codes1: codes1.subarray(first, end), codes2: codes2.subarray(first, end) };
    hash.add(values);
    sample.add({ chunk: values, ...own });
    const ofChunk = squaresOf(values, stored, own.codes1, own.codes2);
    sums.add(ofChunk);
    takeResiduals(ofChunk, squares, first);
    if (fineRecords && codeSquares && codeSquaresOf) {
      const records = fineRecords.subarray(first * recordBytes, end * recordBytes);
      codeSquares.set(codeSquaresOf(stored, own.codes1, records), first);
    }
    await yieldIfDue();
  }
  hash.endBlock();
  const bias = facts.hasBias
    ? Float32Array.from({ length: itemCount }, (_, id) => table.float("biases", id) as number)
    : undefined;
  if (bias) hash.add(bias);
  hash.endBlock();
  return {
    squares,
    codeSquares,
    bias,
    directions: principalDirections(sample.residuals(), dim),
    meanSquareNorm: sums.meanSquareNorm(itemCount),
    largestSquareNorm: sums.largestSquareNorm,
    source: hash.digits(),
  };
}
