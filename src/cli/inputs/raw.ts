import { FormatError } from "../../bytes/format-error.ts";
import type { Locate } from "./matrix.ts";

/** Little-endian f32 and nothing else (.f32, .bin): `dim` must be given. FormatError: file-truncated. */
export const locateRaw: Locate = async (file, { rank, dim: given }) => {
  const dim = rank === 1 ? 1 : given;
  if (dim === undefined) throw new RangeError('"dim" is missing: a file of raw f32 does not say how long its rows are');
  const itemCount = Math.floor(file.byteLength / (4 * dim));
  if (itemCount * 4 * dim !== file.byteLength) {
    const message = `${file.byteLength} bytes are not a whole number of rows of ${dim} f32`;
    throw new FormatError("file-truncated", itemCount * 4 * dim, message);
  }
  return { itemCount, dim, dtype: "F32", begin: 0, prefixBytes: 0 };
};
