import { FormatError } from "../../bytes/format-error.ts";
import { checkDim } from "./dim.ts";
import type { Locate } from "./matrix.ts";

/**
 * Locates the rows of an .fvecs file (http://corpus-texmex.irisa.fr). Each row is an i32 `dim` and `dim` f32. All rows have
 * the same dim, and there is no header.
 *
 * @throws FormatError file-truncated, fvecs-dim
 */
export const locateFvecs: Locate = async (file, request) => {
  if (request.rank === 1) throw new RangeError("expected one number per class, but an .fvecs file holds vectors");
  const dim = new DataView((await file.read(0, 4)).buffer).getInt32(0, true);
  if (dim < 1) throw new FormatError("fvecs-dim", 0, `row 0 has ${dim} values`);
  checkDim(dim, request);
  const rowBytes = 4 + 4 * dim;
  const itemCount = Math.floor(file.byteLength / rowBytes);
  if (itemCount * rowBytes !== file.byteLength) {
    const message = `${file.byteLength} bytes are not a whole number of rows of ${dim} values`;
    throw new FormatError("file-truncated", itemCount * rowBytes, message);
  }
  return { itemCount, dim, dtype: "F32", begin: 0, prefixBytes: 4 };
};
