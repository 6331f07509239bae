import {
  type AsyncBuffer,
  type ColumnMetaData,
  type DecodedArray,
  type FileMetaData,
  parquetScan,
  parquetSchema,
  type RowGroup,
  type SchemaElement,
} from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";
import { quoteName } from "../../../bytes/strict-json.ts";
import type { InputFile } from "../../files/input-file.ts";
import { DECOMPRESSORS } from "./compression.ts";
import { InflationBudget } from "./inflation.ts";
import { nestingOf } from "./levels.ts";
import { type CheckedBytes, checkPages } from "./pages.ts";

/** The rows from `begin` up to, but not including, `end` of the file. */
export interface ParquetGroup {
  readonly begin: number;
  readonly end: number;
  /** The chunks of each column, by name. A column with nested fields has several chunks. */
  readonly columns: ReadonlyMap<string, RowGroup["columns"]>;
}

export interface GroupReader {
  readonly groups: readonly ParquetGroup[];
  /** Returns the number of values that the file declares for columns of a group. */
  countValues(group: ParquetGroup, names: readonly string[]): number;
  /** Reads a column of a group: one value per row, which may be a list. */
  readColumn(group: ParquetGroup, name: string): Promise<DecodedArray>;
}

export function startGroupReader(file: InputFile, metadata: FileMetaData): GroupReader {
  const groups = groupsOf(metadata);
  const schemas = schemasOf(metadata);
  const budget = new InflationBudget(file.byteLength);
  const partsOf = ({ columns }: ParquetGroup, name: string): RowGroup["columns"] => columns.get(name) ?? [];
  return {
    groups,
    countValues: (group, names) =>
      names
        .flatMap((name) => partsOf(group, name).map(({ meta_data }) => Number(meta_data?.num_values ?? 0)))
        .reduce((sum, count) => sum + count, 0),
    readColumn: (group, column) =>
      decodingColumn(column, async () => {
        const rowCount = group.end - group.begin;
        if (rowCount === 0) return [];
        const columns = partsOf(group, column);
        // Metadata of this column and group only. The decoder would look at all metadata for each column of each group.
        const own: FileMetaData = {
          ...metadata,
          schema: schemas.get(column) ?? [],
          num_rows: BigInt(rowCount),
          row_groups: [{ columns, num_rows: BigInt(rowCount), total_byte_size: 0n }],
        };
        const schema = parquetSchema(own);
        const checked: CheckedBytes[] = [];
        for (const { meta_data: part } of columns) {
          const nesting = nestingOf(schema, (part as ColumnMetaData).path_in_schema);
          checked.push(await checkPages(file, { column: part as ColumnMetaData, nesting, rowCount }, budget));
        }
        const parsers = { stringFromBytes: (bytes: Uint8Array | undefined) => textOf(bytes, column) };
        const options = {
          metadata: own,
          columns: [column],
          compressors: DECOMPRESSORS,
          useOffsetIndex: false,
          parsers,
        };
        const scan = await parquetScan({ file: bufferOf(file, checked), ...options });
        const values = await scan.readColumn({ column, rowStart: 0, rowEnd: rowCount });
        if (values.length === rowCount) return values;
        const message = `rows ${group.begin}..${group.end - 1} have ${values.length} values of column ${quoteName(column)}`;
        throw new FormatError("parquet-row", 0, message);
      }),
  };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Decodes a text. The default of the decoder replaces what is no UTF-8, so that different ids become one. */
function textOf(bytes: Uint8Array | undefined, column: string): string | undefined {
  try {
    return bytes && utf8.decode(bytes);
  } catch {
    const remedy = "write the column as text, such as the digits of its bytes";
    throw new FormatError("text-utf8", 0, `column ${quoteName(column)} is not valid UTF-8: ${remedy}`);
  }
}

function groupsOf({ row_groups }: FileMetaData): ParquetGroup[] {
  const groups: ParquetGroup[] = [];
  for (const { num_rows, columns: all } of row_groups) {
    if (!(Number(num_rows) >= 0)) throw new FormatError("parquet-size", 0, `a row group has ${num_rows} rows`);
    const begin = groups.at(-1)?.end ?? 0;
    const columns = new Map<string, RowGroup["columns"]>();
    for (const part of all) {
      const name = part.meta_data?.path_in_schema[0];
      if (name === undefined) continue;
      const others = columns.get(name);
      if (others) others.push(part);
      else columns.set(name, [part]);
    }
    groups.push({ begin, end: begin + Number(num_rows), columns });
  }
  return groups;
}

/** Returns the schema of each column as if it were the only one. */
function schemasOf(metadata: FileMetaData): Map<string, SchemaElement[]> {
  const schemas = new Map<string, SchemaElement[]>();
  let begin = 1;
  for (const { element, count } of parquetSchema(metadata).children) {
    if (schemas.has(element.name)) {
      throw new FormatError("parquet-file", 0, `two columns have the name ${quoteName(element.name)}`);
    }
    const root = { ...(metadata.schema[0] as SchemaElement), num_children: 1 };
    schemas.set(element.name, [root, ...metadata.schema.slice(begin, begin + count)]);
    begin += count;
  }
  return schemas;
}

/**
 * Returns the bytes of the file for the decoder. Bytes that have been checked are reused, so that they can't change in
 * between.
 */
const bufferOf = (file: InputFile, checked: readonly CheckedBytes[]): AsyncBuffer => ({
  byteLength: file.byteLength,
  async slice(start, end = file.byteLength) {
    const found = checked.find(({ begin, bytes }) => begin === start && begin + bytes.byteLength === end);
    return (found?.bytes ?? (await file.read(start, end - start))).buffer;
  },
});

const CAST = "cast the column to numbers or to text, or leave it out";

const decodingColumn = <T>(column: string, action: () => Promise<T>): Promise<T> =>
  decoding(action, (message) => `column ${quoteName(column)} can't be read (${message}): ${CAST}`);

/** Runs `action` and converts errors of the decoder to FormatErrors, since they concern the file. */
export async function decoding<T>(
  action: () => Promise<T>,
  described = (message: string): string => message,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof FormatError || !(error instanceof Error) || "syscall" in error) throw error;
    throw new FormatError("parquet-file", 0, described(error.message));
  }
}
