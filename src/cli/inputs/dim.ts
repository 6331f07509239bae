import type { MatrixRequest } from "./matrix.ts";

/** The `dim` a caller states must be the file's. */
export function checkDim(dim: number, request: MatrixRequest): void {
  if (request.dim !== undefined && request.dim !== dim) {
    throw new RangeError(`"dim" expected ${dim}, as in the file, got ${request.dim}`);
  }
}
