import type { TableRequest } from "./table.ts";

/** The `dim` a caller states must be the file's, and numbers, one for each item, are rows of one. */
export function checkDim(dim: number, { rank, dim: stated, dimOf, option }: TableRequest): void {
  if (rank === 1 && dim !== 1) {
    const name = option === undefined ? "" : `"${option}" `;
    throw new RangeError(`${name}expected one number for each item, got rows of ${dim}`);
  }
  if (stated === undefined || stated === dim) return;
  if (dimOf === undefined) throw new RangeError(`"dim" is ${stated}, the file has rows of ${dim} values: leave it out`);
  throw new RangeError(`expected rows of ${stated} values, as ${dimOf} has, got rows of ${dim}`);
}
