import { getHeapStatistics } from "node:v8";
import { type DecodedArray, parquetSchema, type SchemaElement, type SchemaTree } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";
import { quoteName } from "../../../bytes/strict-json.ts";
import { shown } from "../../../checks/check.ts";
import type { InputFile } from "../../files/input-file.ts";
import { checkDim } from "../dim.ts";
import type { Chunk, OpenTable } from "../table.ts";
import { labelOf } from "../text-rows.ts";
import { chooseColumns, fieldColumns, idColumn } from "./columns.ts";
import { decimalsOf } from "./decimals.ts";
import { decoding, type GroupReader, startGroupReader } from "./groups.ts";
import { readMetadata } from "./metadata.ts";

/**
 * A file may have FREE_VALUES, and MOST_VALUES_PER_BYTE more per byte: decoding a value takes 60 ns. Embeddings have at most
 * one value per byte.
 */
const FREE_VALUES = 2 ** 22;
const MOST_VALUES_PER_BYTE = 16;
/**
 * The memory of a value while a row group is decoded to lists: 190 bytes as measured for 3.2 million values, and garbage.
 */
const READING_BYTES_PER_VALUE = 224;
/** The memory of a value while columns of numbers are decoded. */
const FLAT_BYTES_PER_VALUE = 32;

/**
 * Opens a .parquet file: a column of lists of numbers, or otherwise the columns of numbers. It decodes one row group at a
 * time.
 *
 * @throws FormatError parquet-file (errors of the decoder), parquet-pages, parquet-size, parquet-row, parquet-id
 */
export const openParquet: OpenTable = async (file, request) => {
  const metadata = await readMetadata(file);
  const { children } = await decoding(async () => parquetSchema(metadata));
  const { names, isList } = chooseColumns(children, request);
  const ids = idColumn(children, request);
  // The metadata may lack fields that the decoder's types promise.
  const reader = await decoding(async () => startGroupReader(file, metadata));
  const fields = fieldColumns(children, request);
  const used = [...names, ...(ids === undefined ? [] : [ids]), ...fields];
  const groupValues = reader.groups.map((group) => reader.countValues(group, used));
  const itemCount = reader.groups.at(-1)?.end ?? 0;
  checkSize(file, itemCount, groupValues, isList);
  const dim = isList ? await findDim(reader, names[0] as string) : names.length;
  checkDim(dim, request);
  return {
    itemCount,
    dim,
    labels: ids === undefined ? undefined : await readLabels(reader, ids),
    fields: await readFields(reader, elementsOf(children, fields)),
    inputColumns: {
      values: names,
      leftOut: children.map(({ element }) => element.name).filter((name) => !used.includes(name)),
    },
    readingBytes: READING_BYTES_PER_VALUE * groupValues.reduce((most, values) => Math.max(most, values), 0),
    chunks: (chunkRows, firstRow) => readChunks(reader, { names, isList, dim }, chunkRows, firstRow),
  };
};

/** Checks the declared numbers of rows and values before it allocates memory for them. A row group is decoded as a whole. */
function checkSize(file: InputFile, itemCount: number, groupValues: readonly number[], isList: boolean): void {
  const values = groupValues.reduce((sum, count) => sum + count, 0);
  const most = FREE_VALUES + MOST_VALUES_PER_BYTE * file.byteLength;
  if (!(values <= most && itemCount <= most)) {
    const message = `a file of ${file.byteLength} bytes can't have ${values} values in ${itemCount} rows`;
    throw new FormatError("parquet-size", 0, message);
  }
  const largest = groupValues.reduce((most, count) => Math.max(most, count), 0);
  const bytes = largest * (isList ? READING_BYTES_PER_VALUE : FLAT_BYTES_PER_VALUE);
  const heap = getHeapStatistics().heap_size_limit;
  if (bytes <= heap) return;
  const message = `decoding a row group of ${largest} values takes ${bytes} bytes, but this process has ${heap}`;
  throw new FormatError("parquet-size", 0, `${message}: write the file with smaller row groups`);
}

/** Returns the length of the first list. */
async function findDim(reader: GroupReader, name: string): Promise<number> {
  for (const group of reader.groups) {
    const lists = await reader.readColumn(group, name);
    for (let row = 0; row < lists.length; row++) if (Array.isArray(lists[row])) return (lists[row] as unknown[]).length;
  }
  throw new FormatError("parquet-row", 0, `column ${quoteName(name)} has no row`);
}

interface MatrixColumns {
  readonly names: readonly string[];
  readonly isList: boolean;
  readonly dim: number;
}

async function* readChunks(
  reader: GroupReader,
  { names, isList, dim }: MatrixColumns,
  chunkRows: number,
  start: number,
): AsyncGenerator<Chunk> {
  const most = Math.max(0, Math.min(chunkRows, (reader.groups.at(-1)?.end ?? 0) - start));
  const given = new Float64Array(most * dim);
  const values = new Float32Array(most * dim);
  let firstRow = start;
  let filled = 0;
  const chunk = (): Chunk => {
    const first = firstRow;
    values.set(given.subarray(0, filled * dim));
    firstRow += filled;
    return {
      values: values.subarray(0, filled * dim),
      given: given.subarray(0, filled * dim),
      place: (row) => ({ name: `row ${first + row}`, offset: 0 }),
    };
  };
  for (const group of reader.groups) {
    if (group.end <= start) continue;
    const columns: DecodedArray[] = [];
    for (const name of names) columns.push(await reader.readColumn(group, name));
    for (let row = Math.max(group.begin, start); row < group.end; row++) {
      const target = given.subarray(filled * dim, (filled + 1) * dim);
      if (isList) setList(columns[0]?.[row - group.begin], target, row);
      else for (let c = 0; c < dim; c++) target[c] = numberOf(columns[c]?.[row - group.begin], row);
      filled++;
      if (filled < most) continue;
      yield chunk();
      filled = 0;
    }
  }
  if (filled > 0) yield chunk();
}

/** Copies a list of the expected length. A missing list becomes NaN. */
function setList(list: unknown, target: Float64Array, row: number): void {
  if (list === undefined || list === null) {
    target.fill(Number.NaN);
    return;
  }
  const values = list as ArrayLike<unknown>;
  if (values.length !== target.length) {
    throw new FormatError("parquet-row", 0, `row ${row} has ${values.length} values, expected ${target.length}`);
  }
  for (let d = 0; d < target.length; d++) target[d] = numberOf(values[d], row);
}

/** Converts a value to a number. A missing value becomes NaN. */
function numberOf(value: unknown, row: number): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (value === null || value === undefined) return Number.NaN;
  throw new FormatError("parquet-row", 0, `row ${row} expected numbers, got ${typeof value}`);
}

async function readLabels(reader: GroupReader, name: string): Promise<string[]> {
  const labels: string[] = [];
  for (const group of reader.groups) {
    const ids = await reader.readColumn(group, name);
    for (let row = group.begin; row < group.end; row++) {
      const id: unknown = ids[row - group.begin];
      labels.push(labelOf(id) ?? refuseValue("parquet-id", row, name, "a text or an integer", id));
    }
  }
  return labels;
}

/** Refuses a value of a column beside the rows. Dates and times are objects to the decoder. */
function refuseValue(code: string, row: number, column: string, expected: string, value: unknown): never {
  const isAbsent = value === null || value === undefined;
  const got = value instanceof Date ? "a date" : isAbsent ? "no value" : shown(value);
  const remedy = isAbsent ? "" : ": cast the column to a text";
  throw new FormatError(code, 0, `row ${row}, column ${quoteName(column)} expected ${expected}, got ${got}${remedy}`);
}

function exactOf(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** Returns the columns of these names. */
const elementsOf = (children: readonly SchemaTree[], names: readonly string[]): SchemaElement[] =>
  names.flatMap((name) => children.find(({ element }) => element.name === name)?.element ?? []);

/** Reads the values of columns. A missing value is null, and an integer that a number would round is its digits. */
async function readFields(reader: GroupReader, columns: readonly SchemaElement[]): Promise<unknown[][]> {
  const fields: unknown[][] = columns.map(() => []);
  for (const [i, column] of columns.entries()) {
    const decimalOf = decimalsOf(column);
    for (const group of reader.groups) {
      const values = await reader.readColumn(group, column.name);
      for (let row = 0; row < values.length; row++) {
        const value: unknown = decimalOf ? decimalOf(values[row]) : values[row];
        if (value instanceof Date)
          refuseValue("parquet-row", group.begin + row, column.name, "a text, a number or a boolean", value);
        fields[i]?.push(typeof value === "bigint" ? exactOf(value) : (value ?? null));
      }
    }
  }
  return fields;
}
