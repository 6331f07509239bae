import { FormatError } from "../../bytes/format-error.ts";
import { quoteName } from "../../bytes/strict-json.ts";
import { fieldOf } from "../../columns/field-of.ts";
import { shownPath } from "../remote/address.ts";
import type { DeclaredField } from "./declared-columns.ts";
import type { Sources } from "./source.ts";
import { readLines } from "./text-source.ts";

/** Throws a RangeError for a field that no row has. */
export function checkFields(
  path: string,
  fields: readonly DeclaredField[],
  values: readonly (readonly unknown[])[],
): void {
  const missing = fields.find((_, i) => values[i]?.every((value) => value === undefined) && values[i]?.length !== 0);
  if (missing) throw new RangeError(`${path}: '--${missing.option}': no row has ${quoteName(missing.name)}`);
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
  { openRemote }: Pick<Sources, "openRemote"> = {},
): Promise<unknown[][]> {
  return readLines(path, openRemote, async (pieces) => {
    const values: unknown[][] = fields.map(() => []);
    let count = 0;
    const expected = (got: string): RangeError =>
      new RangeError(`${shownPath(path)}: '--metadata' expected ${itemCount} lines, one for each row, got ${got}`);
    for await (const lines of pieces) {
      for (const { text, number, offset } of lines) {
        if (text.trim() === "") continue;
        if (++count > itemCount) throw expected("more");
        const row = objectOf(text);
        if (!row) throw new FormatError("metadata-json", offset, `line ${number} expected a JSON object`);
        for (const [i, { name }] of fields.entries()) values[i]?.push(fieldOf(row, name));
      }
    }
    if (count < itemCount) throw expected(String(count));
    return values;
  });
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
