import type { ColumnMetaData, Encoding } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";
import type { InputFile } from "../../files/input-file.ts";
import { checkDeltas, checkSharedTexts } from "./delta.ts";
import type { InflationBudget } from "./inflation.ts";
import { checkLevels, type Nesting } from "./levels.ts";
import { type PageHeader, readPageHeader } from "./page-header.ts";
import { checkIndices, checkRuns } from "./runs.ts";

/** A column of a row group, with its nesting. */
export interface ColumnPart {
  readonly column: ColumnMetaData;
  readonly nesting: Nesting;
  readonly rowCount: number;
}

/** Bytes of the file that begin at `begin`. */
export interface CheckedBytes {
  readonly begin: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Checks a column's pages before they are decoded, because the decoder allocates what they state. They must have exactly the
 * values that the file declares, and no run of equal values may be longer. The decoder does not export its parsers of pages,
 * runs and deltas, and uncompressed pages bypass its decompressors, so they are parsed here.
 *
 * @throws FormatError parquet-pages, parquet-file, file-truncated
 */
export async function checkPages(file: InputFile, part: ColumnPart, budget: InflationBudget): Promise<CheckedBytes> {
  const { column, nesting, rowCount } = part;
  const begin = sizeOf(column.dictionary_page_offset || column.data_page_offset, "the offset of the pages");
  const bytes = await file.read(begin, sizeOf(column.total_compressed_size, "the size of the pages"));
  const declared = sizeOf(column.num_values, "the number of values");
  let at = 0;
  const fail = (message: string): never => {
    throw new FormatError("parquet-pages", begin + at, message);
  };
  const { isFlat } = nesting;
  if (isFlat && declared !== rowCount) fail(`the column declares ${declared} values for ${rowCount} rows`);
  budget.restart(column);
  let values = 0;
  // The decoder reads lists to the end of their bytes.
  while (isFlat ? values < declared && at < bytes.byteLength : at < bytes.byteLength - 1) {
    const { header, end: pageBegin } = readPageHeader(bytes, at, begin);
    at = pageBegin;
    const end = at + header.packedBytes;
    if (!(end >= at && end <= bytes.byteLength)) fail(`a page declares ${header.packedBytes} bytes`);
    const count = valuesIn(header) ?? fail(`a page has the type ${header.type}`);
    if (!(count >= 0 && values + count <= declared))
      fail(`a page has ${count} values, but the column declares ${declared}`);
    if (!(header.pageBytes >= 0)) fail(`a page declares to inflate to ${header.pageBytes} bytes`);
    budget.take(column, header.pageBytes);
    checkPage(bytes.subarray(at, end), header, part, budget);
    values += count;
    at = end;
  }
  if (values !== declared) fail(`the pages have ${values} values, expected ${declared}`);
  return { begin, bytes };
}

/** Checks a number of the metadata, which the decoder's types promise but the file may lack. */
function sizeOf(value: bigint | undefined, what: string): number {
  const size = Number(value);
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw new FormatError("parquet-pages", 0, `${what} must be a number from 0 on, got ${value}`);
}

/** Returns the number of values of the column in a page. Undefined: the decoder does not read such a page. */
function valuesIn({ type, values }: PageHeader): number | undefined {
  if (type === "DATA_PAGE" || type === "DATA_PAGE_V2") return values;
  return type === "DICTIONARY_PAGE" ? 0 : undefined;
}

/** Runs of booleans follow their length in bytes. */
const RUNS_LENGTH_BYTES = 4;

function checkPage(bytes: Uint8Array, header: PageHeader, part: ColumnPart, budget: InflationBudget): void {
  const { column, nesting } = part;
  if (header.type === "DICTIONARY_PAGE") {
    if (header.values >= 0 && header.values <= header.pageBytes) return;
    throw new FormatError("parquet-pages", 0, `a dictionary declares ${header.values} values`);
  }
  const { present, values } = checkLevels(bytes, header, column.codec, nesting);
  if (column.type === "BOOLEAN" && header.encoding === "RLE") {
    checkRuns(values().subarray(RUNS_LENGTH_BYTES), 1, present);
    return;
  }
  checkValues(header.encoding, values(), present, (copied) => budget.take(column, copied));
}

/** Checks the encoding of `count` values in `bytes`, on which the decoder relies. */
function checkValues(
  encoding: Encoding | undefined,
  bytes: Uint8Array,
  count: number,
  copy: (byteCount: number) => void,
): void {
  if (encoding === undefined) throw new FormatError("parquet-pages", 0, "the values have an unknown encoding");
  if (encoding === "RLE") throw new FormatError("parquet-pages", 0, "expected numbers, got booleans");
  if (encoding.endsWith("_DICTIONARY")) checkIndices(bytes, count);
  else if (encoding === "DELTA_BYTE_ARRAY") copy(checkSharedTexts(bytes, count));
  else if (encoding.startsWith("DELTA_")) checkDeltas(bytes, 0, count);
}
