import { startArena } from "./arena.ts";
import { planAssignment } from "./assignment.ts";
import type { TrainKernels } from "./kernels.ts";
import type { Quantizer } from "./quantizer.ts";
import { allRows, BLOCK_ROWS } from "./row-source.ts";

export interface Codes {
  /** u16 (itemCount), each < codewordCount. */
  readonly codes1: Uint16Array;
  readonly codes2: Uint16Array;
}

/**
 * Codes of rows under a quantizer: nearest codeword of the row, then of its residual ("rq", greedy), or of each half
 * ("pq"). Ties go to the lower codeword; rows of equal bits get equal codes, whatever the rows around them.
 *
 * data: f32 (itemCount, quantizer.dim), row-major, finite. 1.2 s for 1M × 64, "rq", K = 256.
 *
 * @throws RangeError when `data` has another length.
 */
export function encode(kernels: TrainKernels, quantizer: Quantizer, data: Float32Array, itemCount: number): Codes {
  const { kind, codewordCount, dim, dim1, dim2 } = quantizer;
  if (data.length !== itemCount * dim) {
    throw new RangeError(`"data" expected ${itemCount} × ${dim} = ${itemCount * dim} values, got ${data.length}`);
  }
  const arena = startArena(kernels);
  const first = planAssignment(kernels, arena, codewordCount, dim1);
  const second = planAssignment(kernels, arena, codewordCount, dim2);
  const rowsPtr = arena.take(BLOCK_ROWS * dim1 * 4);
  first.setCodebook(quantizer.codebook1);
  second.setCodebook(quantizer.codebook2);
  const rows1 = allRows(arena, { data, dim, from: 0, to: dim1 }, itemCount);
  const rows2 = allRows(arena, { data, dim, from: dim - dim2, to: dim }, itemCount);
  const codes1 = new Uint16Array(itemCount);
  const codes2 = new Uint16Array(itemCount);
  for (let start = 0; start < itemCount; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, itemCount - start);
    rows1.load(start, count, rowsPtr);
    first.assign(rowsPtr, count);
    codes1.set(arena.u16(first.codesPtr, count), start);
    if (kind === "rq") kernels.residuals(rowsPtr, first.codebookPtr, first.codesPtr, count, dim1, rowsPtr);
    else rows2.load(start, count, rowsPtr);
    second.assign(rowsPtr, count);
    codes2.set(arena.u16(second.codesPtr, count), start);
  }
  return { codes1, codes2 };
}
