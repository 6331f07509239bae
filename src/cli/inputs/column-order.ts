import { quoteName } from "../../bytes/strict-json.ts";
import { shownPath } from "../remote/address.ts";
import type { InputColumnNames } from "./table.ts";

/** A table whose values stand in columns with names, if it has several columns. */
export interface ColumnsOfTable {
  readonly path: string;
  readonly inputColumns: InputColumnNames | undefined;
}

/** Refuses a table with the same columns of values as another one in another order. Other names are another way to write a vector. */
export function checkColumnOrder(table: ColumnsOfTable, other: ColumnsOfTable): void {
  const [names, expected] = [table, other].map(({ inputColumns }) => inputColumns?.values ?? []) as [
    string[],
    string[],
  ];
  const at = names.findIndex((name, i) => name !== expected[i]);
  const wantedNames = new Set(expected);
  if (at < 0 || names.length !== expected.length || !names.every((name) => wantedNames.has(name))) return;
  const [got, wanted] = [names[at], expected[at]].map((name) => quoteName(name as string));
  throw new RangeError(
    `${shownPath(table.path)}: expected the columns in the order of ${shownPath(other.path)}: value ${at} expected ${wanted}, got ${got}`,
  );
}
