import { type Dtype, tensorBytes } from "../../bytes/dtype.ts";
import { FormatError } from "../../bytes/format-error.ts";
import type { InputFile } from "../files/input-file.ts";
import { checkDim } from "./dim.ts";
import { isFloatDtype } from "./elements.ts";
import type { Locate } from "./matrix.ts";
import { type NpyHeader, parseNpyHeader } from "./npy-header.ts";

const MAGIC: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
/** A header of a numeric type has about 128 bytes. Only structured types make it longer. */
const MAX_HEADER_BYTES = 65_536;

const DTYPES: Readonly<Record<string, Dtype>> = {
  "<f2": "F16",
  "<f4": "F32",
  "<f8": "F64",
  "<i4": "I32",
  "<u4": "U32",
  "<i8": "I64",
  "<u8": "U64",
};

/**
 * Locates the array of an .npy file, versions 1 to 3
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 *
 * @throws FormatError npy-magic, npy-version, npy-header, npy-dtype, npy-order, npy-shape, file-truncated, file-extended
 */
export const locateNpy: Locate = async (file, request) => {
  const { descr, fortranOrder, shape, textBegin, begin } = await readNpyHeader(file);
  const dtype = npyDtype(descr) ?? refuseType(descr, textBegin);
  if (request.rank === 2 && !isFloatDtype(dtype)) {
    const wanted = request.option === undefined ? "embeddings" : `'--${request.option}'`;
    throw new FormatError("npy-dtype", textBegin, `${wanted} ${EXPECTED}, got ${JSON.stringify(descr)}: ${REMEDY}`);
  }
  if (fortranOrder) {
    throw new FormatError(
      "npy-order",
      textBegin,
      "the array is in Fortran order: convert it with numpy.ascontiguousarray",
    );
  }
  if (shape.length !== request.rank) {
    throw new FormatError("npy-shape", textBegin, otherRank(request.rank, shape));
  }
  const dataBytes = tensorBytes(dtype, shape);
  if (dataBytes === undefined)
    throw new FormatError("npy-shape", textBegin, `the shape [${shape.join(", ")}] is too large`);
  if (begin + dataBytes !== file.byteLength) {
    const code = begin + dataBytes > file.byteLength ? "file-truncated" : "file-extended";
    const message = `shape [${shape.join(", ")}] needs ${begin + dataBytes} bytes, but the file has ${file.byteLength}`;
    throw new FormatError(code, Math.min(file.byteLength, begin + dataBytes), message);
  }
  const [itemCount = 0, dim = 1] = shape;
  checkDim(dim, request);
  return { itemCount, dim, dtype, begin, prefixBytes: 0 };
};

/** Names the shape that was expected, and the change in numpy that most likely makes it. */
function otherRank(rank: 1 | 2, shape: readonly number[]): string {
  const got = `got [${shape.join(", ")}]`;
  if (rank === 1) return `shape expected [N], ${got}: save it as array.reshape(-1), if it holds one number per row`;
  if (shape.length <= 1) return `shape expected [N, D], ${got}: save a single row as array.reshape(1, -1)`;
  return `shape expected [N, D], ${got}: save it as array.reshape(-1, ${shape.at(-1)}), if the last axis is a row`;
}

/**
 * Reads the header: 6 bytes of magic, major and minor version, the length of the text (u16, or u32 from version 2 on), the
 * text.
 */
export async function readNpyHeader(file: InputFile): Promise<NpyHeader & { textBegin: number; begin: number }> {
  const start = new DataView((await file.read(0, 10)).buffer);
  if (MAGIC.some((byte, i) => start.getUint8(i) !== byte)) {
    throw new FormatError("npy-magic", 0, "not an .npy file");
  }
  const major = start.getUint8(6);
  if (major < 1 || major > 3)
    throw new FormatError("npy-version", 6, `version ${major} is unknown, expected 1, 2 or 3`);
  const textBegin = major === 1 ? 10 : 12;
  const textBytes =
    major === 1 ? start.getUint16(8, true) : new DataView((await file.read(8, 4)).buffer).getUint32(0, true);
  if (textBytes > MAX_HEADER_BYTES) {
    throw new FormatError("npy-header", 8, `the header has ${textBytes} bytes, expected at most ${MAX_HEADER_BYTES}`);
  }
  // One character per byte keeps offsets right. Only structured types, which are refused, have characters beyond ASCII.
  const text = new TextDecoder("latin1").decode(await file.read(textBegin, textBytes));
  return { ...parseNpyHeader(text, textBegin), textBegin, begin: textBegin + textBytes };
}

/** Returns the type of the elements, if it is supported. */
export const npyDtype = (descr: string): Dtype | undefined =>
  Object.hasOwn(DTYPES, descr) ? (DTYPES[descr] as Dtype) : undefined;

function refuseType(descr: string, offset: number): never {
  const kinds: readonly [RegExp, string][] = [
    [/^>/, "big-endian"],
    [/^\|O/, "Python objects, which can't be read without running Python"],
    [/^[<>|=]?[US]\d/, "text"],
    [/^[<>|=]?c\d/, "complex numbers"],
  ];
  const kind = kinds.find(([pattern]) => pattern.test(descr))?.[1] ?? "not supported";
  const problem = `the type ${JSON.stringify(descr.slice(0, 64))} is ${kind}`;
  throw new FormatError("npy-dtype", offset, `${problem}, ${EXPECTED}: ${REMEDY}`);
}

const EXPECTED = "expected f2, f4 or f8";
const REMEDY = "convert the array with astype('<f4') and save it again";
