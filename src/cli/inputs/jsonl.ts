import { FormatError } from "../../errors.ts";
import { quoteName } from "../../strict-json.ts";
import { checkDim } from "./dim.ts";
import type { InputFile } from "./file.ts";
import { DEFAULT_ID_FIELD, type OpenTable, type TableRequest } from "./table.ts";
import { linesOf, type TextLine } from "./text-lines.ts";
import { chunksOf, labelOf, skipRows, surveyRows, type TextRow, textReadingBytes } from "./text-rows.ts";

/** What a vector is called, unless the request says it. */
const VECTOR_FIELDS = ["values", "vector", "embedding"];

/**
 * JSON lines: each an array of numbers, or an object with one under "values", "vector" or "embedding". `null` and, as Python
 * writes them, NaN and Infinity stand for values that are not finite. Lines of white space are passed over.
 * FormatError: jsonl-json, jsonl-row, and those of text-lines.ts and text-rows.ts.
 */
export const openJsonl: OpenTable = async (file, request) => {
  const { itemCount, dim, labels } = await surveyRows(rowsOf(file, request));
  checkDim(dim, request);
  const unlabelled = { ...request, idField: false } as const;
  return {
    itemCount,
    dim,
    labels,
    readingBytes: textReadingBytes(file.byteLength),
    chunks: (chunkRows, firstRow) =>
      chunksOf(skipRows(rowsOf(file, unlabelled), firstRow), dim, chunkRows, itemCount - firstRow),
  };
};

async function* rowsOf(file: InputFile, request: TableRequest): AsyncGenerator<TextRow> {
  for await (const line of linesOf(file)) {
    if (line.text.trim() === "") continue;
    yield readRow(line, request);
  }
}

function readRow({ text, number, offset }: TextLine, request: TableRequest): TextRow {
  const fail = (message: string): never => {
    throw new FormatError("jsonl-row", offset, `line ${number} ${message}`);
  };
  const row = parseLine(text) ?? fail("expected an array or an object");
  if (Array.isArray(row)) {
    if (typeof request.idField === "string")
      fail(`expected an object with ${quoteName(request.idField)}, got an array`);
    return { values: readValues(row, fail), line: number, offset };
  }
  const names = request.tensor === undefined ? VECTOR_FIELDS : [request.tensor];
  const name = names.find((name) => Object.hasOwn(row, name)) ?? fail(`expected ${names.map(quoteName).join(" or ")}`);
  const vector = row[name];
  const values =
    vector === null
      ? undefined
      : Array.isArray(vector)
        ? readValues(vector, fail)
        : fail(`${quoteName(name)} expected an array`);
  return { values, label: readLabel(row, request.idField, fail), line: number, offset };
}

/** Undefined: a value of JSON that is neither array nor object, or none. */
function parseLine(text: string): unknown[] | Record<string, unknown> | undefined {
  const value = parse(text) ?? parse(text.replaceAll(NOT_FINITE, (token) => (token.startsWith('"') ? token : "null")));
  return typeof value === "object" && value !== null ? (value as unknown[] | Record<string, unknown>) : undefined;
}

/** Strings, which are passed over, and what Python writes in place of numbers. */
const NOT_FINITE = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readValues(entries: readonly unknown[], fail: (message: string) => never): number[] {
  return entries.map((entry, i) => {
    if (typeof entry === "number") return entry;
    return entry === null ? Number.NaN : fail(`value ${i} expected a number, got ${quoteName(JSON.stringify(entry))}`);
  });
}

function readLabel(
  row: Record<string, unknown>,
  idField: TableRequest["idField"],
  fail: (message: string) => never,
): string | undefined {
  if (idField === false) return undefined;
  const name = idField ?? DEFAULT_ID_FIELD;
  if (!Object.hasOwn(row, name)) return idField === undefined ? undefined : fail(`expected ${quoteName(name)}`);
  return labelOf(row[name]) ?? fail(`${quoteName(name)} expected a text or an integer`);
}
