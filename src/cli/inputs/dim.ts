import type { TableRequest } from "./table.ts";

/** Checks that the `dim` of a request is the file's. For rank 1 the file must have one number per row. */
export function checkDim(dim: number, { rank, dim: stated, dimOf, option }: TableRequest): void {
  if (rank === 1 && dim !== 1) {
    const name = option === undefined ? "" : `'--${option}' `;
    throw new RangeError(`${name}expected one number per class, got rows of ${dim}`);
  }
  if (stated === undefined || stated === dim) return;
  if (dimOf === undefined)
    throw new RangeError(`'--dim' is ${stated}, but the file has rows of ${dim} values: leave '--dim' out`);
  throw new RangeError(`expected rows of ${stated} values, as in ${dimOf}, got rows of ${dim}`);
}
