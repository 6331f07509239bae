import {
  type AsyncBuffer,
  type DecodedArray,
  type FileMetaData,
  parquetScan,
  parquetSchema,
  type RowGroup,
} from "hyparquet";
import { getTreePath } from "hyparquet/src/schema.js";
import { FormatError } from "../../errors.ts";
import type { InputFile } from "./file.ts";
import { DECOMPRESSORS } from "./parquet-compression.ts";
import { checkPages } from "./parquet-pages.ts";

/** Rows from `begin` up to, not including, `end` of the file. */
export interface ParquetGroup {
  readonly begin: number;
  readonly end: number;
  readonly columns: RowGroup["columns"];
}

export interface GroupReader {
  readonly groups: readonly ParquetGroup[];
  /** Values that the file declares for columns of a group. */
  countValues(group: ParquetGroup, names: readonly string[]): number;
  /** A column of a group: a value for each row, which may be a list. */
  readColumn(group: ParquetGroup, name: string): Promise<DecodedArray>;
}

export function startGroupReader(file: InputFile, metadata: FileMetaData): GroupReader {
  const groups: ParquetGroup[] = [];
  for (const { num_rows, columns } of metadata.row_groups) {
    const begin = groups.at(-1)?.end ?? 0;
    const end = begin + Number(num_rows);
    if (!(Number(num_rows) >= 0)) throw new FormatError("parquet-size", 0, `a group of ${num_rows} rows`);
    groups.push({ begin, end, columns });
  }
  const schema = parquetSchema(metadata);
  const chunksOf = ({ columns }: ParquetGroup, name: string) =>
    columns.flatMap(({ meta_data }) => (meta_data?.path_in_schema[0] === name ? [meta_data] : []));
  return {
    groups,
    countValues: (group, names) =>
      names.flatMap((name) => chunksOf(group, name)).reduce((sum, { num_values }) => sum + Number(num_values), 0),
    readColumn: (group, column) =>
      decoding(async () => {
        if (group.begin === group.end) return [];
        for (const chunk of chunksOf(group, column)) {
          await checkPages(file, chunk, getTreePath(schema, chunk.path_in_schema));
        }
        const options = { metadata, columns: [column], compressors: DECOMPRESSORS, useOffsetIndex: false };
        const scan = await parquetScan({ file: bufferOf(file), ...options });
        const values = await scan.readColumn({ column, rowStart: group.begin, rowEnd: group.end });
        if (values.length === group.end - group.begin) return values;
        const rows = `rows ${group.begin}..${group.end - 1}`;
        throw new FormatError(
          "parquet-row",
          0,
          `${rows} have ${values.length} values of column ${JSON.stringify(column)}`,
        );
      }),
  };
}

/** Bytes of the file for the decoder, who may ask for those beyond its end. */
export const bufferOf = (file: InputFile): AsyncBuffer => ({
  byteLength: file.byteLength,
  slice: async (start, end = file.byteLength) => (await file.read(start, end - start)).buffer,
});

/** What the decoder throws is about the file. */
export async function decoding<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof FormatError || !(error instanceof Error) || "syscall" in error) throw error;
    throw new FormatError("parquet-file", 0, error.message);
  }
}
