import { extname } from "node:path";
import { type InputFile, nameFile, naming, openFile } from "./file.ts";
import { locateFvecs } from "./fvecs.ts";
import type { EmbeddingInput, InputOptions } from "./input.ts";
import { type Locate, type MatrixLayout, type MatrixRequest, readRows } from "./matrix.ts";
import { locateNpy } from "./npy.ts";
import { locateRaw } from "./raw.ts";
import { locateSafetensors } from "./safetensors.ts";

const FORMATS: Readonly<Record<string, Locate>> = {
  ".safetensors": locateSafetensors,
  ".npy": locateNpy,
  ".fvecs": locateFvecs,
  ".f32": locateRaw,
  ".bin": locateRaw,
};

/**
 * Opens a file of embeddings; the extension chooses the reader. Everything but the rows is checked here, the rows when
 * they are read. Errors name the file: RangeError for an option that doesn't fit it, FormatError for a damaged one.
 */
export async function openInput(path: string, options: InputOptions = {}): Promise<EmbeddingInput> {
  const { tensor, bias, dim } = options;
  const { file, layout } = await openMatrix(path, { rank: 2, tensor, dim });
  return {
    itemCount: layout.itemCount,
    dim: layout.dim,
    rows: (chunkRows, firstRow = 0) => namedRows(file, layout, chunkRows, firstRow),
    bias: async () => (bias === undefined ? undefined : readBias(path, bias, layout.itemCount)),
    close: () => file.close(),
  };
}

/** Numbers read at a time. */
const VECTOR_CHUNK = 2 ** 16;

/** A number for each item from a file of its own, as f32: counts, or a bias. */
export async function readVector(
  path: string,
  options: { tensor?: string | undefined } = {},
): Promise<Float32Array<ArrayBuffer>> {
  const { file, layout } = await openMatrix(path, { rank: 1, tensor: options.tensor });
  try {
    const values = new Float32Array(layout.itemCount);
    let filled = 0;
    for await (const chunk of namedRows(file, layout, VECTOR_CHUNK, 0)) {
      values.set(chunk, filled);
      filled += chunk.length;
    }
    return values;
  } finally {
    await file.close();
  }
}

async function readBias(path: string, bias: string, itemCount: number): Promise<Float32Array<ArrayBuffer>> {
  const inSameFile = extensionOf(path) === ".safetensors";
  const values = await (inSameFile ? readVector(path, { tensor: bias }) : readVector(bias));
  if (values.length !== itemCount) {
    throw new RangeError(`${path}: "bias" expected ${itemCount} values, one for each row, got ${values.length}`);
  }
  return values;
}

async function openMatrix(path: string, request: MatrixRequest): Promise<{ file: InputFile; layout: MatrixLayout }> {
  const extension = extensionOf(path);
  const locate = Object.hasOwn(FORMATS, extension) ? FORMATS[extension] : undefined;
  if (locate === undefined) {
    throw new RangeError(`${path}: no reader for "${extension}", expected ${Object.keys(FORMATS).join(", ")}`);
  }
  if (request.tensor !== undefined && locate !== locateSafetensors) {
    throw new RangeError(`${path}: "tensor" is for .safetensors files, others hold one matrix without a name`);
  }
  if (request.dim !== undefined && !(Number.isSafeInteger(request.dim) && request.dim >= 1)) {
    throw new RangeError(`"dim" expected an integer ≥ 1, got ${request.dim}`);
  }
  const file = await naming(path, () => openFile(path));
  try {
    return { file, layout: await naming(path, () => locate(file, request)) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* namedRows(
  file: InputFile,
  layout: MatrixLayout,
  chunkRows: number,
  firstRow: number,
): AsyncGenerator<Float32Array<ArrayBuffer>> {
  try {
    yield* readRows(file, layout, chunkRows, firstRow);
  } catch (error) {
    throw nameFile(file.path, error);
  }
}

const extensionOf = (path: string): string => extname(path).toLowerCase();
