import { quoteName } from "../../bytes/strict-json.ts";
import type { TableRequest } from "./table.ts";

/**
 * Checks that the `dim` of a request is the file's. For rank 1 the file must have one number per row.
 *
 * @param columns names of the columns that the values are in, if the format has one for each
 */
export function checkDim(
  dim: number,
  { rank, dim: stated, dimOf, option, idField }: TableRequest,
  columns: readonly string[] = [],
): void {
  if (rank === 1 && dim !== 1) {
    const name = option === undefined ? "" : `'--${option}' `;
    throw new RangeError(`${name}expected one number per class, got rows of ${dim}`);
  }
  if (stated === undefined || stated === dim) return;
  if (dimOf === undefined)
    throw new RangeError(`'--dim' is ${stated}, but the file has rows of ${dim} values: leave '--dim' out`);
  const [first, last] = [columns[0], columns.at(-1)];
  const from = first === undefined || last === undefined ? "" : `, columns ${quoteName(first)} to ${quoteName(last)}`;
  // Only tables of classes have labels and other columns.
  const remedy =
    from && dim > stated && idField !== false ? ": name those that are no values of rows by '--columns'" : "";
  throw new RangeError(`expected rows of ${stated} values, as in ${dimOf}, got rows of ${dim}${from}${remedy}`);
}
