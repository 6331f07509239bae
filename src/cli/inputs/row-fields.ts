import { FormatError } from "../../bytes/format-error.ts";
import { quoteName } from "../../bytes/strict-json.ts";
import { isObject } from "../../checks/is-object.ts";
import { checkColumnValue } from "../../columns/column-value.ts";
import { fieldOf } from "../../columns/field-of.ts";
import { COLUMN_TYPES, type ColumnType } from "../../format/columns.ts";
import { shownPath } from "../remote/address.ts";
import type { DeclaredField } from "./declared-columns.ts";
import type { Sources } from "./source.ts";
import { DEFAULT_ID_FIELD, type TableRequest } from "./table.ts";
import { labelOf } from "./text-rows.ts";
import { readLines } from "./text-source.ts";
import { MOST_UNUSED, UnusedKeys } from "./unused-keys.ts";
import { isRoundedInteger, writtenValue } from "./written-integer.ts";

/** Throws a RangeError for a field that no row has. */
export function checkFields(
  path: string,
  fields: readonly DeclaredField[],
  values: readonly (readonly unknown[])[],
): void {
  const missing = fields.find((_, i) => values[i]?.every((value) => value === undefined) && values[i]?.length !== 0);
  if (!missing) return;
  const remedy = "correct the name, or write null under it if no row has a value";
  throw new RangeError(`${path}: '--${missing.option}': no row has ${quoteName(missing.name)}: ${remedy}`);
}

/**
 * Checks the values of the rows that are kept by the types that the options declare, so that a wrong one is refused by the
 * names of the command line. Throws a RangeError.
 */
export function checkValues(
  path: string,
  fields: readonly DeclaredField[],
  values: readonly (readonly unknown[])[],
  kept: Uint8Array | undefined,
): void {
  for (const [i, field] of fields.entries()) {
    for (const [row, value] of (values[i] ?? []).entries()) {
      if (kept?.[row] === 0) continue;
      try {
        checkColumnValue(field.type, `${quoteName(field.name)} of row ${row}`, value);
      } catch (error) {
        const remedy = typeof value === field.type ? "" : `: ${remedyFor(field, value)}`;
        throw new RangeError(`${path}: '--${field.option}': ${(error as Error).message}${remedy}`);
      }
    }
  }
}

function remedyFor({ name, option }: DeclaredField, value: unknown): string {
  if (option === "namespace-field") return "namespaces are text, so write them in quotes";
  if (isRoundedInteger(String(value))) {
    return `a number rounds integers from 2^53 on: declare ${name}:string, and write them in quotes in JSON`;
  }
  const type = typeof value as ColumnType;
  if (!COLUMN_TYPES.includes(type)) return "name a key that holds a text, a number or a boolean";
  return `declare ${name}:${type}, or correct the row`;
}

/** The fields of the rows of a file of metadata, and its keys that lead to none of them. */
interface ReadMetadata {
  readonly values: readonly (readonly unknown[])[];
  readonly unusedKeys: readonly string[];
  /** The label of each row that has one under the key of labels. */
  readonly labels: readonly (string | undefined)[];
}

/**
 * Reads the fields of `itemCount` rows from a file with a JSON object for each of them, in order. Blank lines are ignored.
 *
 * @throws FormatError metadata-json, those of text-lines.ts; RangeError for another number of rows
 */
export function readMetadata(
  path: string,
  itemCount: number,
  fields: readonly DeclaredField[],
  { openRemote, idField = DEFAULT_ID_FIELD }: Pick<Sources, "openRemote"> & Pick<TableRequest, "idField"> = {},
): Promise<ReadMetadata> {
  return readLines(path, openRemote, async (pieces) => {
    const values: unknown[][] = fields.map(() => []);
    const unused = new UnusedKeys(fields, idField);
    const labels: (string | undefined)[] = [];
    let count = 0;
    const expected = (got: string): RangeError =>
      new RangeError(`${shownPath(path)}: '--metadata' expected ${itemCount} lines, one for each row, got ${got}`);
    for await (const lines of pieces) {
      for (const { text, number, offset } of lines) {
        if (text.trim() === "") continue;
        if (++count > itemCount) throw expected("more");
        const row = objectOf(text);
        if (!row) throw new FormatError("metadata-json", offset, `line ${number} expected a JSON object`);
        for (const [i, { name, type }] of fields.entries()) {
          const value = fieldOf(row, name);
          values[i]?.push(type === "number" ? writtenValue(value, text) : value);
        }
        labels.push(idField === false ? undefined : labelOf(row[idField]));
        unused.see(row);
      }
    }
    if (count < itemCount) throw expected(String(count));
    return { values, unusedKeys: unused.keys, labels };
  });
}

/** Notes that values of these keys of a file of metadata are in no index and in no file of changes. */
export const unusedKeyLines = (path = "", keys: readonly string[] = []): string[] =>
  keys.length === 0
    ? []
    : [
        `note: ${shownPath(path)}: left out ${keys.map(quoteName).join(", ")}${keys.length === MOST_UNUSED ? " and maybe more" : ""}, which --columns does not name: ` +
          "an index holds columns alone, and a service keeps other metadata if an upsert has them",
      ];

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
