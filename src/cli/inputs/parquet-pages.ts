import type { ColumnMetaData, SchemaTree } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import { FormatError } from "../../errors.ts";
import type { InputFile } from "./file.ts";
import { inflatePage } from "./parquet-compression.ts";
import { checkIndices, checkRuns } from "./parquet-runs.ts";

type PageHeader = ReturnType<typeof parquetHeader>;

/**
 * Walks a column's pages before they are decoded, for the decoder allocates what they say: they must have as many values as
 * the file declares, and no run of equal values may be longer than that. `path` leads to the column in the schema.
 * FormatError: parquet-pages, file-truncated.
 */
export async function checkPages(file: InputFile, column: ColumnMetaData, path: SchemaTree[]): Promise<void> {
  const begin = Number(column.dictionary_page_offset || column.data_page_offset);
  const bytes = await file.read(begin, Number(column.total_compressed_size));
  const reader = { view: new DataView(bytes.buffer), offset: 0 };
  const declared = Number(column.num_values);
  const fail = (message: string): never => {
    throw new FormatError("parquet-pages", begin + reader.offset, message);
  };
  let values = 0;
  while (values < declared && reader.offset < bytes.byteLength) {
    const header = parquetHeader(reader);
    const end = reader.offset + header.compressed_page_size;
    if (!(end >= reader.offset && end <= bytes.byteLength)) fail(`a page of ${header.compressed_page_size} bytes`);
    const entries = header.dictionary_page_header?.num_values ?? 0;
    if (!(entries >= 0 && entries <= header.uncompressed_page_size)) fail(`a dictionary of ${entries} values`);
    const count = (header.data_page_header ?? header.data_page_header_v2)?.num_values ?? 0;
    if (!(count >= 0 && values + count <= declared)) fail(`a page of ${count} values, where ${declared} are declared`);
    checkPage(bytes.subarray(reader.offset, end), header, column, path);
    values += count;
    reader.offset = end;
  }
  if (values !== declared) fail(`pages of ${values} values, expected ${declared}`);
}

/** Repetition and definition levels and indices into the dictionary, as far as a page has them. */
function checkPage(bytes: Uint8Array, header: PageHeader, { codec }: ColumnMetaData, path: SchemaTree[]): void {
  const { data_page_header: first, data_page_header_v2: second, uncompressed_page_size: pageBytes } = header;
  const repetition = getMaxRepetitionLevel(path);
  const definition = getMaxDefinitionLevel(path);
  if ((first ?? second)?.encoding === "RLE") throw new FormatError("parquet-pages", 0, "truth values are no numbers");
  if (first) {
    const page = inflatePage(codec, bytes, pageBytes);
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    let at = 0;
    for (const most of [repetition, definition]) {
      if (most === 0) continue;
      checkRuns(page.subarray(at + 4), widthOf(most), first.num_values);
      at += 4 + view.getUint32(at, true);
    }
    if (isIndices(first.encoding)) checkIndices(page.subarray(at), first.num_values);
  } else if (second) {
    const { repetition_levels_byte_length: before, definition_levels_byte_length: between } = second;
    if (repetition > 0) checkRuns(bytes, widthOf(repetition), second.num_values);
    if (definition > 0) checkRuns(bytes.subarray(before), widthOf(definition), second.num_values);
    if (!isIndices(second.encoding)) return;
    const rest = bytes.subarray(before + between);
    const isPacked = second.is_compressed !== false;
    checkIndices(isPacked ? inflatePage(codec, rest, pageBytes - before - between) : rest, second.num_values);
  }
}

const isIndices = (encoding: string): boolean => encoding.endsWith("_DICTIONARY");

/** Bits of a level. */
const widthOf = (most: number): number => 32 - Math.clz32(most);
