import { SUMS_BYTES, SUMS_DIM, SUMS_MASSES, SUMS_SUMS } from "../../../build/structs.ts";
import { BLOCK_ROWS, type RowSource } from "../rows/row-source.ts";
import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { planAssignment } from "./assignment.ts";

/** The sums of one pass of k-means over one block of rows. */
export interface BlockPass {
  /** Nearest codeword of each row. */
  readonly codes: Uint16Array;
  /** Weighted squared distance of each row. */
  readonly errors: Float64Array;
  /** Σ weight · row of each codeword's rows: (codewordCount, dim). */
  readonly sums: Float64Array;
  /** Σ weight of each codeword's rows. */
  readonly masses: Float64Array;
}

/**
 * Passes over the rows with a codebook and yields the sums of each block, in order. The next block may overwrite the last.
 */
export type PassOver = (codebook: Float32Array) => Iterable<BlockPass> | AsyncIterable<BlockPass>;

/** Computes the sums of single blocks for one codebook after another. Every block but the last has BLOCK_ROWS rows. */
export interface BlockPasses {
  setCodebook(codebook: Float32Array): void;
  /** Sums over the block that begins with row `start`. The result is valid until the next call. */
  passOver(start: number): BlockPass;
}

/** Yields the first row of each block. */
export function* blockStarts(rowCount: number): Generator<number> {
  for (let start = 0; start < rowCount; start += BLOCK_ROWS) yield start;
}

/** `weights` is f64 (source.rowCount). Sums are f64, from left to right. */
export function planBlockPasses(
  kernels: TrainKernels,
  arena: Arena,
  source: RowSource,
  weights: Float64Array,
  codewordCount: number,
): BlockPasses {
  const { rowCount, dim } = source;
  const assignment = planAssignment(kernels, arena, codewordCount, dim);
  const { codebookPtr, codesPtr } = assignment;
  const rowsPtr = arena.take(BLOCK_ROWS * dim * 4);
  const weightsPtr = arena.take(BLOCK_ROWS * 8);
  const squaresPtr = arena.take(BLOCK_ROWS * 4);
  const errorsPtr = arena.take(BLOCK_ROWS * 8);
  const sumsPtr = arena.take(codewordCount * dim * 8);
  const massesPtr = arena.take(codewordCount * 8);
  const totalsPtr = arena.struct(SUMS_BYTES, { [SUMS_SUMS]: sumsPtr, [SUMS_MASSES]: massesPtr, [SUMS_DIM]: dim });
  return {
    setCodebook: assignment.setCodebook,
    passOver(start) {
      const count = Math.min(BLOCK_ROWS, rowCount - start);
      source.load(start, count, rowsPtr);
      assignment.assign(rowsPtr, count);
      arena.f64(weightsPtr, count).set(weights.subarray(start, start + count));
      kernels.squaredErrors(rowsPtr, codebookPtr, codesPtr, count, dim, squaresPtr);
      kernels.weighErrors(squaresPtr, weightsPtr, count, errorsPtr);
      const sums = arena.f64(sumsPtr, codewordCount * dim).fill(0);
      const masses = arena.f64(massesPtr, codewordCount).fill(0);
      kernels.addRows(rowsPtr, codesPtr, weightsPtr, count, totalsPtr);
      return { codes: arena.u16(codesPtr, count), errors: arena.f64(errorsPtr, count), sums, masses };
    },
  };
}

/** Passes over the rows by this thread. */
export function singleThreadPass(
  blocks: BlockPasses,
  rowCount: number,
): (codebook: Float32Array) => Iterable<BlockPass> {
  return function* (codebook) {
    blocks.setCodebook(codebook);
    for (const start of blockStarts(rowCount)) yield blocks.passOver(start);
  };
}
