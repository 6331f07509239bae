import { FormatError } from "../../bytes/format-error.ts";
import { quoteName, stringEnd } from "../../bytes/strict-json.ts";
import { fieldOf } from "../../columns/field-of.ts";
import type { InputFile } from "../files/input-file.ts";
import { checkDim } from "./dim.ts";
import { listNames } from "./named-tensors.ts";
import { shownJson } from "./shown-json.ts";
import { DEFAULT_ID_FIELD, type InputColumnNames, type OpenTable, type TableRequest } from "./table.ts";
import { linesOf, type TextLine } from "./text-lines.ts";
import { chunksOf, labelOf, skipRows, surveyRows, type TextRow, textReadingBytes } from "./text-rows.ts";
import { UnusedKeys } from "./unused-keys.ts";
import { writtenValue } from "./written-integer.ts";

/** The keys that may hold the vector, unless the request names one. */
const VECTOR_FIELDS = ["values", "vector", "embedding"];
/** Keys whose integers are names, in the files of midx train and of logs. */
const NAME_FIELDS = ["items", "sequence", "features", "labels"];

/**
 * Opens JSON lines. Each line is an array of numbers, or an object with such an array under "values", "vector" or
 * "embedding", or under another key if the first object has only one array of numbers. `null`, NaN and Infinity, which Python writes, are values that are not finite. Blank lines are ignored.
 *
 * @throws FormatError jsonl-json, jsonl-row, and those of text-lines.ts and text-rows.ts
 */
export const openJsonl: OpenTable = async (file, request) => {
  const columns = new SeenColumns(request);
  const { itemCount, dim, labels, fields } = await surveyRows(rowsOf(file, request, columns));
  checkDim(dim, request);
  const unlabelled = { ...request, idField: false, fields: undefined } as const;
  return {
    itemCount,
    dim,
    labels,
    fields,
    inputColumns: columns.names,
    readingBytes: textReadingBytes(file.byteLength),
    chunks: (chunkRows, firstRow) =>
      chunksOf(skipRows(rowsOf(file, unlabelled), firstRow), dim, chunkRows, itemCount - firstRow),
  };
};

/** The keys of the rows that hold values, and those that are left out. */
class SeenColumns {
  private readonly values = new Set<string>();
  private readonly unused: UnusedKeys;

  constructor({ fields = [], idField = DEFAULT_ID_FIELD }: TableRequest) {
    this.unused = new UnusedKeys(fields, idField);
  }

  see(row: object, values: string): void {
    this.values.add(values);
    this.unused.see(row, values);
  }

  /** Undefined for rows without keys. */
  get names(): InputColumnNames | undefined {
    return this.values.size > 0 ? { values: [...this.values], leftOut: this.unused.keys } : undefined;
  }
}

async function* rowsOf(
  file: InputFile,
  request: TableRequest,
  columns?: SeenColumns,
): AsyncGenerator<Iterable<TextRow>> {
  const keys = new VectorKeys(request);
  for await (const lines of linesOf(file)) yield readRows(lines, keys, columns);
}

function* readRows(lines: Iterable<TextLine>, keys: VectorKeys, columns?: SeenColumns): Generator<TextRow> {
  for (const line of lines) {
    if (line.text.trim() === "") continue;
    yield readRow(line, keys, columns);
  }
}

/** The keys that may hold the vectors of a file. */
class VectorKeys {
  readonly request: TableRequest;
  private names: readonly string[] | undefined;

  constructor(request: TableRequest) {
    this.request = request;
    this.names = request.tensor === undefined ? undefined : [request.tensor];
  }

  /** Returns the keys, by the first row if the request names none. */
  of(row: Readonly<Record<string, unknown>>): readonly string[] {
    this.names ??= VECTOR_FIELDS.some((name) => Object.hasOwn(row, name)) ? VECTOR_FIELDS : onlyList(row);
    return this.names;
  }
}

/** Returns the only key with an array of numbers, or else those that are looked for. */
function onlyList(row: Readonly<Record<string, unknown>>): readonly string[] {
  const lists = Object.keys(row).filter((name) => !NAME_FIELDS.includes(name) && isNumbers(row[name]));
  return lists.length === 1 ? lists : VECTOR_FIELDS;
}

const isNumbers = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 1 && value.every((each) => typeof each === "number" || each === null);

function readRow({ text, number, offset }: TextLine, keys: VectorKeys, columns?: SeenColumns): TextRow {
  const { request } = keys;
  const fail = (message: string): never => {
    throw new FormatError("jsonl-row", offset, `line ${number} ${message}`);
  };
  const row = parseLine(text) ?? fail(`expected an array or an object, got ${quoteName(text.trim())}`);
  if (Array.isArray(row)) {
    if (typeof request.idField === "string" && !request.mayLackIds)
      fail(`expected an object with ${quoteName(request.idField)}, got an array`);
    const [field] = request.fields ?? [];
    if (field) fail(`expected an object with ${quoteName(field.name)}, got an array`);
    return { values: readValues(row, fail), line: number, offset };
  }
  const names = keys.of(row);
  const [name = fail(missingKey(names, row, request)), other] = names.filter((name) => Object.hasOwn(row, name));
  if (other !== undefined) fail(`has ${quoteName(name)} and ${quoteName(other)}: ${keyRemedy(request)}`);
  columns?.see(row, name);
  const vector = row[name];
  const values =
    vector === null
      ? undefined
      : Array.isArray(vector)
        ? readValues(vector, fail)
        : fail(`${quoteName(name)} expected an array of numbers, got ${shownJson(vector)}`);
  const fields = request.fields?.map(({ name, type }) => {
    const value = fieldOf(row, name);
    return type === "number" ? writtenValue(value, text) : value;
  });
  return { values, label: readLabel(row, request, fail), fields, line: number, offset };
}

function missingKey(names: readonly string[], row: object, request: TableRequest): string {
  const expected = names.map(quoteName).join(" or ");
  const remedy = Object.hasOwn(row, "items") ? "midx encode makes queries of items" : keyRemedy(request);
  return `expected ${expected}, got ${listNames(Object.keys(row))}: ${remedy}`;
}

/** Only the table of a build or of changes has an option for the key. */
const keyRemedy = ({ takesFormat }: TableRequest): string =>
  takesFormat ? "--tensor names the key of embeddings" : 'have the vectors under "vector" alone';

/** Parses a line. Returns undefined if it is not JSON, or neither an array nor an object. */
function parseLine(text: string): unknown[] | Record<string, unknown> | undefined {
  const value = parse(text) ?? parse(withNulls(text));
  return typeof value === "object" && value !== null ? (value as unknown[] | Record<string, unknown>) : undefined;
}

/** The words that Python writes for numbers that are not finite. */
const NOT_FINITE = /-?\b(?:NaN|Infinity)\b/g;

/** Replaces numbers that are not finite by null, outside of strings. It reads each character once. */
function withNulls(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    parts.push(text.slice(at, end).replaceAll(NOT_FINITE, "null"));
    at = quote < 0 ? end : stringEnd(text, quote);
    parts.push(text.slice(end, at));
  }
  return parts.join("");
}

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
    return entry === null ? Number.NaN : fail(`value ${i} expected a number, got ${shownJson(entry)}`);
  });
}

function readLabel(
  row: Record<string, unknown>,
  { idField, mayLackIds }: TableRequest,
  fail: (message: string) => never,
): string | undefined {
  if (idField === false) return undefined;
  const name = idField ?? DEFAULT_ID_FIELD;
  if (!Object.hasOwn(row, name)) {
    if (idField === undefined || mayLackIds) return undefined;
    fail(`expected ${quoteName(name)}, got ${listNames(Object.keys(row))}: --id-field names the key of labels`);
  }
  const id = row[name];
  const problem = `${quoteName(name)} expected a text or an integer`;
  // JSON.parse has rounded it, so that two ids may have become one.
  const isLarge = Number.isInteger(id) && !Number.isSafeInteger(id);
  if (isLarge) fail(`${problem} of magnitude below 2^53, got ${shownJson(id)}: write such ids as texts, in quotes`);
  return labelOf(id) ?? fail(`${problem}, got ${shownJson(id)}`);
}
