import type { CompressionCodec, DataPageHeader, Encoding, PageHeader, SchemaTree } from "hyparquet";
import { readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import { FormatError } from "../../../bytes/format-error.ts";
import { inflatePage } from "./compression.ts";
import { checkRuns } from "./runs.ts";

type DataPageHeader2 = NonNullable<PageHeader["data_page_header_v2"]>;

export interface PageValues {
  readonly encoding: Encoding;
  /** Values that are there, which are not null. */
  readonly present: number;
  /** Their bytes, inflated. */
  values(): Uint8Array;
}

/** Checks the repetition and definition levels of a page of values, which stand in front of the values. FormatError: parquet-pages. */
export function checkLevels(
  bytes: Uint8Array,
  header: PageHeader,
  codec: CompressionCodec,
  path: SchemaTree[],
): PageValues {
  const { data_page_header: first, data_page_header_v2: second, uncompressed_page_size: pageBytes } = header;
  const most = { repetition: getMaxRepetitionLevel(path), definition: getMaxDefinitionLevel(path) };
  if (header.type === "DATA_PAGE" && first) return firstVersion(inflatePage(codec, bytes, pageBytes), first, most);
  if (second) return secondVersion(bytes, second, most, (rest, count) => inflatePage(codec, rest, pageBytes - count));
  throw new FormatError("parquet-pages", 0, `a page of type ${header.type}`);
}

interface MostLevels {
  readonly repetition: number;
  readonly definition: number;
}

/** Levels with their length in front of them, all inflated. */
function firstVersion(page: Uint8Array, { num_values: count, encoding }: DataPageHeader, most: MostLevels): PageValues {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  let at = 0;
  let present = count;
  if (most.repetition > 0) {
    checkRuns(page.subarray(4), widthOf(most.repetition), count);
    at = 4 + view.getUint32(0, true);
  }
  if (most.definition > 0) {
    const levels = page.subarray(at + 4);
    checkRuns(levels, widthOf(most.definition), count);
    present = countLevels(levels, most.definition, count);
    at += 4 + view.getUint32(at, true);
  }
  return { encoding, present, values: () => page.subarray(at) };
}

/** Levels as they are, and the values behind them packed. */
function secondVersion(
  bytes: Uint8Array,
  header: DataPageHeader2,
  most: MostLevels,
  inflate: (packed: Uint8Array, levelBytes: number) => Uint8Array,
): PageValues {
  const { num_values: count, num_nulls: nulls, encoding, is_compressed } = header;
  const { repetition_levels_byte_length: before, definition_levels_byte_length: between } = header;
  if (!(nulls >= 0 && nulls <= count))
    throw new FormatError("parquet-pages", 0, `${nulls} of ${count} values are null`);
  if (!(before >= 0 && between >= 0))
    throw new FormatError("parquet-pages", 0, `levels of ${before} and ${between} bytes`);
  if (most.repetition > 0) checkRuns(bytes, widthOf(most.repetition), count);
  if (most.definition > 0) checkRuns(bytes.subarray(before), widthOf(most.definition), count);
  const packed = bytes.subarray(before + between);
  return {
    encoding,
    present: count - nulls,
    values: () => (is_compressed === false ? packed : inflate(packed, before + between)),
  };
}

/** How many of `count` levels are `most`, whose runs have been checked. */
function countLevels(bytes: Uint8Array, most: number, count: number): number {
  const levels = new Array<number>(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  readRleBitPackedHybrid({ view, offset: 0 }, widthOf(most), levels, bytes.byteLength);
  return levels.reduce((sum, level) => sum + (level === most ? 1 : 0), 0);
}

/** Bits of a level. */
const widthOf = (most: number): number => 32 - Math.clz32(most);
