import { FormatError } from "../../bytes/format-error.ts";
import type { Locate } from "./matrix.ts";

/** Locates the rows of a file of little-endian f32 without a header (.f32, .bin). Throws FormatError file-truncated. */
export const locateRaw: Locate = async (file, request) => {
  const dim = request.rank === 1 ? 1 : request.dim;
  if (dim === undefined)
    throw new RangeError("'--dim' is missing: a file of raw f32 does not state the length of its rows");
  const itemCount = Math.floor(file.byteLength / (4 * dim));
  if (itemCount * 4 * dim !== file.byteLength) {
    const message = `${file.byteLength} bytes are not a whole number of rows of ${dim} f32`;
    throw new FormatError("file-truncated", itemCount * 4 * dim, message);
  }
  return { itemCount, dim, dtype: "F32", begin: 0, prefixBytes: 0 };
};
