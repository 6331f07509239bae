import { type Dtype, dtypeBytes } from "../../dtype.ts";
import { FormatError } from "../../errors.ts";
import { decodeElements, toFiniteFloats } from "./elements.ts";
import type { InputFile } from "./file.ts";

/** Where a matrix of `itemCount` × `dim` stands in a file, row by row. */
export interface MatrixLayout {
  readonly itemCount: number;
  readonly dim: number;
  readonly dtype: Dtype;
  /** The byte of the file where row 0 begins. */
  readonly begin: number;
  /** Bytes in front of each row: none, or the i32 `dim` of an .fvecs file. */
  readonly prefixBytes: 0 | 4;
}

/** What a caller looks for: a matrix of vectors (rank 2) or a vector of numbers, one for each item (rank 1). */
export interface MatrixRequest {
  readonly rank: 1 | 2;
  readonly tensor?: string | undefined;
  readonly dim?: number | undefined;
}

/** Checks the header of one format and finds the matrix; reads no row. */
export type Locate = (file: InputFile, request: MatrixRequest) => Promise<MatrixLayout>;

/**
 * Chunks of at most `chunkRows` rows, each f32 of rows × dim, in the order of the file from row `start` on. The
 * next chunk overwrites it.
 */
export async function* readRows(
  file: InputFile,
  layout: MatrixLayout,
  chunkRows: number,
  start: number,
): AsyncGenerator<Float32Array<ArrayBuffer>> {
  if (!Number.isSafeInteger(chunkRows) || chunkRows < 1) {
    throw new RangeError(`"chunkRows" expected an integer ≥ 1, got ${chunkRows}`);
  }
  const { itemCount, dim, dtype, begin, prefixBytes } = layout;
  const rowBytes = prefixBytes + dim * dtypeBytes(dtype);
  const mostRows = Math.max(0, Math.min(chunkRows, itemCount - start));
  const buffer = new Uint8Array(mostRows * rowBytes);
  const floats = new Float32Array(dtype === "F32" && prefixBytes === 0 ? 0 : mostRows * dim);
  for (let firstRow = start; firstRow < itemCount; firstRow += chunkRows) {
    const rowCount = Math.min(chunkRows, itemCount - firstRow);
    const place = { dim, firstRow, offset: begin + firstRow * rowBytes, rowBytes };
    const bytes = buffer.subarray(0, rowCount * rowBytes);
    const target = floats.subarray(0, rowCount * dim);
    await file.fill(place.offset, bytes);
    const values = prefixBytes === 0 ? decodeElements(dtype, bytes, target) : withoutPrefixes(bytes, target, place);
    yield toFiniteFloats(values, target, place);
  }
}

/** Rows of f32, to `floats`, without the `dim` in front of each, which must be the same everywhere. */
function withoutPrefixes(
  { buffer, byteLength }: Uint8Array<ArrayBuffer>,
  floats: Float32Array<ArrayBuffer>,
  { dim, firstRow, offset, rowBytes }: { dim: number; firstRow: number; offset: number; rowBytes: number },
): Float32Array<ArrayBuffer> {
  const rowCount = byteLength / rowBytes;
  const prefixes = new Int32Array(buffer);
  for (let row = 0; row < rowCount; row++) {
    const rowDim = prefixes[row * (dim + 1)];
    if (rowDim !== dim) {
      const message = `row ${firstRow + row} has ${rowDim} values, expected ${dim} as in row 0`;
      throw new FormatError("fvecs-dim", offset + row * rowBytes, message);
    }
    floats.set(new Float32Array(buffer, row * rowBytes + 4, dim), row * dim);
  }
  return floats;
}
