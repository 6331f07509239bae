import { CODE_BLOCK, FINE_CODEWORDS, FINE_DIMS } from "../../abi.ts";
import { codeLane } from "../../format/fine-codes.ts";
import type { EncodedRows } from "../../format/row-codec.ts";
import { fineCount } from "../../format/tensors.ts";
import type { Quantizer } from "../kmeans/quantizer.ts";
import { startArena } from "../runtime/arena.ts";
import type { ByteChunks } from "../runtime/byte-chunks.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { firstResiduals } from "./fine-residuals.ts";

/** Bytes of the fine codes of a row: two codes to a byte. */
export const fineRecordBytes = (dim: number): number => fineCount({ dim, hasFineCodes: true }) / 2;

/**
 * Takes memory of the train instance for chunks of up to `chunkRows` rows. The function it returns computes the fine codes
 * of rows, f32 (rows, dim), from their first codes, row by row. The next call may overwrite the result.
 */
export function planFineCoding(
  kernels: TrainKernels,
  quantizer: Quantizer,
  codebooks: Float32Array,
  chunkRows: number,
): (rows: Float32Array, codes1: Uint16Array) => Uint8Array {
  const recordBytes = fineRecordBytes(quantizer.dim);
  const count = 2 * recordBytes;
  const width = FINE_DIMS * count;
  const arena = startArena(kernels);
  const booksPtr = arena.take(codebooks.byteLength);
  const rowsPtr = arena.take(chunkRows * width * 4);
  const codesPtr = arena.take(chunkRows * recordBytes);
  arena.f32(booksPtr, codebooks.length).set(codebooks);
  return (rows, codes1) => {
    firstResiduals(rows, codes1, quantizer, arena.f32(rowsPtr, codes1.length * width));
    kernels.fineCodes(rowsPtr, codes1.length, count, booksPtr, codesPtr);
    return new Uint8Array(kernels.memory.buffer, codesPtr, codes1.length * recordBytes);
  };
}

/**
 * Measures the errors of fine codes. The function it returns takes rows as stored, their first codes and the records of
 * planFineCoding, and gives the squared norm of each stored row less its first codeword and its fine codewords, f32 (rows).
 */
export function planCodeSquares(
  { dim, dim1, codebook1 }: Quantizer,
  codebooks: Float32Array,
): (stored: EncodedRows, codes1: Uint16Array, records: Uint8Array) => Float32Array {
  const recordBytes = fineRecordBytes(dim);
  return (stored, codes1, records) =>
    Float32Array.from(codes1, (code, row) => {
      let square = 0;
      for (let d = 0; d < dim; d++) {
        const m = Math.floor(d / FINE_DIMS);
        const pair = records[row * recordBytes + (m >> 1)] as number;
        const codeword = m % 2 === 0 ? pair & 15 : pair >> 4;
        const fine = codebooks[(m * FINE_DIMS + (d % FINE_DIMS)) * FINE_CODEWORDS + codeword] as number;
        const first = d < dim1 ? (codebook1[code * dim1 + d] as number) : 0;
        const error = stored.value(row, d) - first - fine;
        square += error * error;
      }
      return square;
    });
}

/** Turns records of fine codes by position into the blocks of the file (assembly/scan/codes.ts). */
export function* codeBlocksOf(records: ByteChunks, recordBytes: number): Generator<Uint8Array> {
  const lanes = Array.from({ length: CODE_BLOCK }, (_, row) => codeLane(row));
  const block = new Uint8Array(2 * recordBytes * (CODE_BLOCK / 2));
  let row = 0;
  for (const piece of records) {
    for (let at = 0; at < piece.length; at += recordBytes) {
      const { byte, shift } = lanes[row] as { byte: number; shift: number };
      for (let m = 0; m < recordBytes; m++) {
        const pair = piece[at + m] as number;
        const first = 2 * m * (CODE_BLOCK / 2) + byte;
        const second = first + CODE_BLOCK / 2;
        block[first] = (block[first] as number) | ((pair & 15) << shift);
        block[second] = (block[second] as number) | ((pair >> 4) << shift);
      }
      row++;
      if (row < CODE_BLOCK) continue;
      yield block;
      block.fill(0);
      row = 0;
    }
  }
  if (row > 0) yield block;
}
