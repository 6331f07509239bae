import { getHeapStatistics } from "node:v8";
import { type DecodedArray, parquetSchema } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";
import { quoteName } from "../../../bytes/strict-json.ts";
import type { InputFile } from "../../files/input-file.ts";
import { checkDim } from "../dim.ts";
import type { Chunk, OpenTable } from "../table.ts";
import { labelOf } from "../text-rows.ts";
import { chooseColumns, idColumn } from "./columns.ts";
import { decoding, type GroupReader, startGroupReader } from "./groups.ts";
import { readMetadata } from "./metadata.ts";

/** Values that any file may have, and those for each of its bytes: to decode one takes 60 ns. Embeddings have one a byte at most. */
const FREE_VALUES = 2 ** 22;
const MOST_VALUES_PER_BYTE = 16;
/** A value takes so much while a row group is decoded to lists: 190 were measured, of 3.2 million, with room for garbage. */
const READING_BYTES_PER_VALUE = 224;
/** The same of columns that are no lists. */
const FLAT_BYTES_PER_VALUE = 32;

/**
 * Opens .parquet: a column of lists of numbers, or otherwise the columns of floats. Row groups are decoded one at a time, each whole.
 * FormatError: parquet-file (where the decoder gives up), parquet-pages, parquet-size, parquet-row, parquet-id.
 */
export const openParquet: OpenTable = async (file, request) => {
  const metadata = await readMetadata(file);
  const { children } = await decoding(async () => parquetSchema(metadata));
  const { names, isList } = chooseColumns(children, request);
  const ids = idColumn(children, request);
  // The metadata may lack what the decoder's types say is there.
  const reader = await decoding(async () => startGroupReader(file, metadata));
  const used = ids === undefined ? names : [...names, ids];
  const groupValues = reader.groups.map((group) => reader.countValues(group, used));
  const itemCount = reader.groups.at(-1)?.end ?? 0;
  checkSize(file, itemCount, groupValues, isList);
  const dim = isList ? await findDim(reader, names[0] as string) : names.length;
  checkDim(dim, request);
  return {
    itemCount,
    dim,
    labels: ids === undefined ? undefined : await readLabels(reader, ids),
    readingBytes: READING_BYTES_PER_VALUE * groupValues.reduce((most, values) => Math.max(most, values), 0),
    chunks: (chunkRows, firstRow) => readChunks(reader, { names, isList, dim }, chunkRows, firstRow),
  };
};

/** Rows and values that are declared, before anything is allocated for them. A group is decoded as a whole. */
function checkSize(file: InputFile, itemCount: number, groupValues: readonly number[], isList: boolean): void {
  const values = groupValues.reduce((sum, count) => sum + count, 0);
  const most = FREE_VALUES + MOST_VALUES_PER_BYTE * file.byteLength;
  if (!(values <= most && itemCount <= most)) {
    const message = `${values} values of ${itemCount} rows in a file of ${file.byteLength} bytes`;
    throw new FormatError("parquet-size", 0, message);
  }
  const largest = groupValues.reduce((most, count) => Math.max(most, count), 0);
  const bytes = largest * (isList ? READING_BYTES_PER_VALUE : FLAT_BYTES_PER_VALUE);
  const heap = getHeapStatistics().heap_size_limit;
  if (bytes <= heap) return;
  const message = `a row group of ${largest} values takes ${bytes} bytes to decode, this process has ${heap}`;
  throw new FormatError("parquet-size", 0, `${message}: write the file with smaller row groups`);
}

/** Values of the first list there is. */
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

/** A list of as many values, or none at all. */
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

/** A value that is missing is not a number. */
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
      const label = labelOf(ids[row - group.begin]);
      if (label === undefined) {
        throw new FormatError("parquet-id", 0, `row ${row}, column ${quoteName(name)} expected a text or an integer`);
      }
      labels.push(label);
    }
  }
  return labels;
}
