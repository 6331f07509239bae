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

/** Chunks of at most `chunkRows` rows, each f32 of rows × dim, in the order of the file from row `start` on. */
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
  for (let firstRow = start; firstRow < itemCount; firstRow += chunkRows) {
    const rowCount = Math.min(chunkRows, itemCount - firstRow);
    const place = { dim, firstRow, offset: begin + firstRow * rowBytes, rowBytes };
    const bytes = await file.read(place.offset, rowCount * rowBytes);
    const elements = prefixBytes === 0 ? bytes.buffer : withoutPrefixes(bytes.buffer, place);
    yield toFiniteFloats(decodeElements(dtype, elements), place);
  }
}

/** Rows of f32 without the `dim` in front of each, which must be the same everywhere. */
function withoutPrefixes(
  buffer: ArrayBuffer,
  { dim, firstRow, offset, rowBytes }: { dim: number; firstRow: number; offset: number; rowBytes: number },
): ArrayBuffer {
  const rowCount = buffer.byteLength / rowBytes;
  const prefixes = new Int32Array(buffer);
  const floats = new Float32Array(rowCount * dim);
  for (let row = 0; row < rowCount; row++) {
    const rowDim = prefixes[row * (dim + 1)];
    if (rowDim !== dim) {
      const message = `row ${firstRow + row} has ${rowDim} values, expected ${dim} as in row 0`;
      throw new FormatError("fvecs-dim", offset + row * rowBytes, message);
    }
    floats.set(new Float32Array(buffer, row * rowBytes + 4, dim), row * dim);
  }
  return floats.buffer;
}
