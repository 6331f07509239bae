import type { TableRequest } from "./table.ts";

/** The `dim` a caller states must be the file's, and numbers, one for each item, are rows of one. */
export function checkDim(dim: number, request: TableRequest): void {
  if (request.rank === 1 && dim !== 1) throw new RangeError(`expected one number for each item, got rows of ${dim}`);
  if (request.dim !== undefined && request.dim !== dim) {
    throw new RangeError(`"dim" expected ${dim}, as in the file, got ${request.dim}`);
  }
}
