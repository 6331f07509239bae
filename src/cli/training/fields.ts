import { FormatError } from "../../bytes/format-error.ts";
import { isObject } from "../../checks/is-object.ts";
import { asText } from "../files/foreign-files.ts";
import { openFile } from "../files/input-file.ts";
import { shownJson } from "../inputs/shown-json.ts";
import { linesOf, type TextLine } from "../inputs/text-lines.ts";
import { labelOf } from "../inputs/text-rows.ts";

/** Visits every line that is not blank. Errors name the file. */
export async function eachLine(path: string, visit: (line: TextLine) => void): Promise<void> {
  await asText(path, async () => {
    const file = await openFile(path);
    try {
      for await (const lines of linesOf(file)) {
        for (const line of lines) if (line.text.trim() !== "") visit(line);
      }
    } finally {
      await file.close();
    }
  });
}

/** The line of a sequence. */
export const ITEMS = '{"items": […]}';
/** The remedy where a table with columns is given for sequences. */
export const ITEMS_REMEDY = "write the items of each sequence on a line, the oldest first";

/** Throws a RangeError for a table with columns: it has no sentences and no JSON, and the commas of a .csv would be words. */
export function refuseColumns(path: string, expected: string, remedy: string): void {
  const [extension] = /\.(?:[ct]sv|parquet)$/i.exec(path) ?? [];
  if (extension) throw new RangeError(`${path}: expected ${expected}, got ${extension}: ${remedy}`);
}

/** Parses the JSON object of a line, which `expected` shows. Throws FormatError train-json. */
export function objectOf({ text, number, offset }: TextLine, expected: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FormatError("train-json", offset, `line ${number} is not JSON: expected ${expected}`);
  }
  if (isObject(value)) return value;
  throw new FormatError("train-json", offset, `line ${number}: expected ${expected}, got ${shownJson(value)}`);
}

/**
 * Reads an array of texts or integers from a field of a line. Each text must be one line. Throws FormatError train-field.
 */
export function namesOf(line: TextLine, row: Record<string, unknown>, field: string): string[] {
  return listOf(line, row, field).map((entry, i) => {
    const name = labelOf(entry);
    if (name !== undefined && !/[\r\n]/.test(name)) return name;
    const problem = `"${field}"[${i}] expected a text of one line or an integer`;
    if (!Number.isInteger(entry)) return refuseLine(line, `${problem}, got ${shownJson(entry)}`);
    return refuseLine(line, `${problem} of magnitude below 2^53, got ${entry}: write such names as texts, in quotes`);
  });
}

/** Reads an array of `count` finite numbers from a field of a line. Throws FormatError train-field. */
export function numbersOf(line: TextLine, row: Record<string, unknown>, field: string, count: number): number[] {
  const entries = listOf(line, row, field);
  if (entries.length !== count) refuseLine(line, `"${field}" expected ${count} numbers, got ${entries.length}`);
  return entries.map((entry, i) => {
    if (typeof entry === "number" && Number.isFinite(Math.fround(entry))) return entry;
    return refuseLine(line, `"${field}"[${i}] expected a number, got ${shownJson(entry)}`);
  });
}

function listOf(line: TextLine, row: Record<string, unknown>, field: string): unknown[] {
  const value = row[field];
  return Array.isArray(value) ? value : refuseLine(line, `"${field}" expected an array, got ${shownJson(value)}`);
}

/** Throws FormatError train-field, which names the line. */
export function refuseLine({ number, offset }: TextLine, message: string): never {
  throw new FormatError("train-field", offset, `line ${number}: ${message}`);
}
