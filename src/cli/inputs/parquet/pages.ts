import type { ColumnMetaData, Encoding } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";
import type { InputFile } from "../../files/input-file.ts";
import { checkDeltas, checkSharedTexts } from "./delta.ts";
import type { InflationBudget } from "./inflation.ts";
import { checkLevels, type Nesting } from "./levels.ts";
import { type PageHeader, readPageHeader } from "./page-header.ts";
import { checkIndices } from "./runs.ts";

/** A column of a row group, and how it is nested. */
export interface ColumnPart {
  readonly column: ColumnMetaData;
  readonly nesting: Nesting;
  readonly rowCount: number;
}

/** Bytes of the file from `begin` on. */
export interface CheckedBytes {
  readonly begin: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Walks a column's pages before they are decoded, for the decoder allocates what they say: they must have as many values as
 * the file declares, and no run of equal values may be longer than that. The decoder has no public name for a page, a run or
 * a delta, and pages that are not compressed go past its decompressors, so they are read here anew. FormatError: parquet-pages, parquet-file,
 * file-truncated.
 */
export async function checkPages(file: InputFile, part: ColumnPart, budget: InflationBudget): Promise<CheckedBytes> {
  const { column, nesting, rowCount } = part;
  const begin = sizeOf(column.dictionary_page_offset || column.data_page_offset, "an offset of pages");
  const bytes = await file.read(begin, sizeOf(column.total_compressed_size, "a size of pages"));
  const declared = sizeOf(column.num_values, "a number of values");
  let at = 0;
  const fail = (message: string): never => {
    throw new FormatError("parquet-pages", begin + at, message);
  };
  const { isFlat } = nesting;
  if (isFlat && declared !== rowCount) fail(`${declared} values of ${rowCount} rows`);
  budget.restart(column);
  let values = 0;
  // As far as the decoder goes, which reads lists to the end of their bytes.
  while (isFlat ? values < declared && at < bytes.byteLength : at < bytes.byteLength - 1) {
    const { header, end: pageBegin } = readPageHeader(bytes, at, begin);
    at = pageBegin;
    const end = at + header.packedBytes;
    if (!(end >= at && end <= bytes.byteLength)) fail(`a page of ${header.packedBytes} bytes`);
    const count = valuesIn(header) ?? fail(`a page of type ${header.type}`);
    if (!(count >= 0 && values + count <= declared)) fail(`a page of ${count} values, where ${declared} are declared`);
    if (!(header.pageBytes >= 0)) fail(`a page that inflates to ${header.pageBytes} bytes`);
    budget.take(column, header.pageBytes);
    checkPage(bytes.subarray(at, end), header, part, budget);
    values += count;
    at = end;
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
function valuesIn({ type, values }: PageHeader): number | undefined {
  if (type === "DATA_PAGE" || type === "DATA_PAGE_V2") return values;
  return type === "DICTIONARY_PAGE" ? 0 : undefined;
}

function checkPage(bytes: Uint8Array, header: PageHeader, part: ColumnPart, budget: InflationBudget): void {
  const { column, nesting } = part;
  if (header.type === "DICTIONARY_PAGE") {
    if (header.values >= 0 && header.values <= header.pageBytes) return;
    throw new FormatError("parquet-pages", 0, `a dictionary of ${header.values} values`);
  }
  const { present, values } = checkLevels(bytes, header, column.codec, nesting);
  checkValues(header.encoding, values(), present, (copied) => budget.take(column, copied));
}

/** Checks what the decoder would believe of `count` values in `bytes`. */
function checkValues(
  encoding: Encoding | undefined,
  bytes: Uint8Array,
  count: number,
  copy: (byteCount: number) => void,
): void {
  if (encoding === undefined) throw new FormatError("parquet-pages", 0, "values of an unknown encoding");
  if (encoding === "RLE") throw new FormatError("parquet-pages", 0, "truth values are no numbers");
  if (encoding.endsWith("_DICTIONARY")) checkIndices(bytes, count);
  else if (encoding === "DELTA_BYTE_ARRAY") copy(checkSharedTexts(bytes, count));
  else if (encoding.startsWith("DELTA_")) checkDeltas(bytes, 0, count);
}
