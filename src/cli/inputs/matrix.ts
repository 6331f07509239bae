import { type Dtype, dtypeBytes } from "../../bytes/dtype.ts";
import { FormatError } from "../../bytes/format-error.ts";
import type { InputFile } from "../files/input-file.ts";
import { decodeElements } from "./elements.ts";
import type { Chunk, InputTable, OpenTable, TableRequest } from "./table.ts";

/** The place of an (itemCount, dim) matrix in a file, row by row. */
export interface MatrixLayout {
  readonly itemCount: number;
  readonly dim: number;
  readonly dtype: Dtype;
  /** The offset of row 0 in the file, in bytes. */
  readonly begin: number;
  /** The bytes in front of each row: none, or the i32 `dim` of an .fvecs file. */
  readonly prefixBytes: 0 | 4;
  /** See InputTable. */
  readonly biases?: readonly string[];
  /** See InputTable. */
  readonly labels?: readonly string[] | undefined;
}

/** Checks the header of a file and locates the matrix, without reading rows. */
export type Locate = (file: InputFile, request: TableRequest) => Promise<MatrixLayout>;

/** Opens a matrix that is stored contiguously. */
export const located =
  (locate: Locate): OpenTable =>
  async (file, request) =>
    matrixTable(file, await locate(file, request));

export const matrixTable = (file: InputFile, layout: MatrixLayout): InputTable => ({
  itemCount: layout.itemCount,
  dim: layout.dim,
  ...(layout.biases && { biases: layout.biases }),
  ...(layout.labels && { labels: layout.labels }),
  readsAgain: file.checkUnchanged !== undefined,
  chunks: (chunkRows, firstRow) => readChunks(file, layout, chunkRows, firstRow),
});

async function* readChunks(
  file: InputFile,
  layout: MatrixLayout,
  chunkRows: number,
  start: number,
): AsyncGenerator<Chunk> {
  const { itemCount, dim, dtype, begin, prefixBytes } = layout;
  const rowBytes = prefixBytes + dim * dtypeBytes(dtype);
  const mostRows = Math.max(0, Math.min(chunkRows, itemCount - start));
  const buffer = new Uint8Array(mostRows * rowBytes);
  const floats = new Float32Array(dtype === "F32" && prefixBytes === 0 ? 0 : mostRows * dim);
  for (let firstRow = start; firstRow < itemCount; firstRow += chunkRows) {
    const rowCount = Math.min(chunkRows, itemCount - firstRow);
    const offset = begin + firstRow * rowBytes;
    const bytes = buffer.subarray(0, rowCount * rowBytes);
    const target = floats.subarray(0, rowCount * dim);
    await file.fill(offset, bytes);
    const place = (row: number) => ({ name: `row ${firstRow + row}`, offset: offset + row * rowBytes });
    if (prefixBytes > 0) {
      const values = withoutPrefixes(bytes, target, { dim, firstRow, offset, rowBytes });
      yield { values, given: values, place };
      continue;
    }
    const given = decodeElements(dtype, bytes, target);
    if (given instanceof Float64Array) target.set(given);
    yield { values: given instanceof Float64Array ? target : given, given, place };
  }
  await file.checkUnchanged?.();
}

/** Copies rows of f32 to `floats` without the `dim` in front of each, and checks that all of them are equal. */
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
