import type { ColumnMetaData, Encoding, PageHeader, SchemaTree } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { isFlatColumn } from "hyparquet/src/schema.js";
import { FormatError } from "../../../bytes/format-error.ts";
import type { InputFile } from "../../files/input-file.ts";
import { checkDeltas, checkSharedTexts } from "./delta.ts";
import type { InflationBudget } from "./inflation.ts";
import { checkLevels } from "./levels.ts";
import { checkIndices } from "./runs.ts";
import { checkThrift } from "./thrift.ts";

/** A column of a row group, and where it stands in the schema. */
export interface ColumnPart {
  readonly column: ColumnMetaData;
  readonly path: SchemaTree[];
  readonly rowCount: number;
}

/** Bytes of the file from `begin` on. */
export interface CheckedBytes {
  readonly begin: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Walks a column's pages before they are decoded, for the decoder allocates what they say: they must have as many values as
 * the file declares, and no run of equal values may be longer than that. FormatError: parquet-pages, parquet-file,
 * file-truncated.
 */
export async function checkPages(file: InputFile, part: ColumnPart, budget: InflationBudget): Promise<CheckedBytes> {
  const { column, path, rowCount } = part;
  const begin = sizeOf(column.dictionary_page_offset || column.data_page_offset, "an offset of pages");
  const bytes = await file.read(begin, sizeOf(column.total_compressed_size, "a size of pages"));
  const reader = { view: new DataView(bytes.buffer), offset: 0 };
  const declared = sizeOf(column.num_values, "a number of values");
  const fail = (message: string): never => {
    throw new FormatError("parquet-pages", begin + reader.offset, message);
  };
  const isFlat = isFlatColumn(path);
  if (isFlat && declared !== rowCount) fail(`${declared} values of ${rowCount} rows`);
  budget.restart(column);
  let values = 0;
  // As far as the decoder goes, which reads lists to the end of their bytes.
  while (isFlat ? values < declared && reader.offset < bytes.byteLength : reader.offset < bytes.byteLength - 1) {
    checkThrift(bytes, reader.offset, begin);
    const header = parquetHeader(reader);
    const end = reader.offset + header.compressed_page_size;
    if (!(end >= reader.offset && end <= bytes.byteLength)) fail(`a page of ${header.compressed_page_size} bytes`);
    const count = valuesIn(header) ?? fail(`a page of type ${header.type}`);
    if (!(count >= 0 && values + count <= declared)) fail(`a page of ${count} values, where ${declared} are declared`);
    if (!(header.uncompressed_page_size >= 0)) fail(`a page that inflates to ${header.uncompressed_page_size} bytes`);
    budget.take(column, header.uncompressed_page_size);
    checkPage(bytes.subarray(reader.offset, end), header, part, budget);
    values += count;
    reader.offset = end;
  }
  if (values !== declared) fail(`pages of ${values} values, expected ${declared}`);
  return { begin, bytes };
}

/** A number of the metadata, which the decoder's types say is there. */
function sizeOf(value: bigint | undefined, what: string): number {
  const size = Number(value);
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw new FormatError("parquet-pages", 0, `${what} expected a number from 0 on, got ${value}`);
}

/** Values of the column in a page. Undefined: the page is none that the decoder reads. */
function valuesIn({
  type,
  data_page_header,
  data_page_header_v2,
  dictionary_page_header,
}: PageHeader): number | undefined {
  if (type === "DATA_PAGE") return data_page_header?.num_values;
  if (type === "DATA_PAGE_V2") return data_page_header_v2?.num_values;
  return type === "DICTIONARY_PAGE" && dictionary_page_header ? 0 : undefined;
}

function checkPage(bytes: Uint8Array, header: PageHeader, { column, path }: ColumnPart, budget: InflationBudget): void {
  if (header.type === "DICTIONARY_PAGE") {
    const entries = header.dictionary_page_header?.num_values ?? 0;
    if (entries >= 0 && entries <= header.uncompressed_page_size) return;
    throw new FormatError("parquet-pages", 0, `a dictionary of ${entries} values`);
  }
  const { encoding, present, values } = checkLevels(bytes, header, column.codec, path);
  checkValues(encoding, values(), present, (copied) => budget.take(column, copied));
}

/** What the decoder would believe of `count` values in `bytes`. */
function checkValues(encoding: Encoding, bytes: Uint8Array, count: number, copy: (byteCount: number) => void): void {
  if (encoding === "RLE") throw new FormatError("parquet-pages", 0, "truth values are no numbers");
  if (encoding.endsWith("_DICTIONARY")) checkIndices(bytes, count);
  else if (encoding === "DELTA_BYTE_ARRAY") copy(checkSharedTexts(bytes, count));
  else if (encoding.startsWith("DELTA_")) checkDeltas(bytes, 0, count);
}
