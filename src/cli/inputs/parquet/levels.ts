import type { CompressionCodec, SchemaTree } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";
import { inflatePage } from "./compression.ts";
import type { PageHeader } from "./page-header.ts";
import { checkRuns } from "./runs.ts";

/** The nesting of a column: its maximum levels. `isFlat` means that it is not a list and has no nested fields. */
export interface Nesting {
  readonly repetition: number;
  readonly definition: number;
  readonly isFlat: boolean;
}

/** Returns the nesting of a column. Throws FormatError parquet-file if the schema has no such column. */
export function nestingOf(schema: SchemaTree, names: readonly string[]): Nesting {
  let node = schema;
  let repetition = Number(schema.element.repetition_type === "REPEATED");
  let definition = 0;
  for (const name of names) {
    const child = node.children.find(({ element }) => element.name === name);
    if (child === undefined) throw new FormatError("parquet-file", 0, `parquet schema element not found: ${names}`);
    node = child;
    repetition += Number(node.element.repetition_type === "REPEATED");
    definition += Number(node.element.repetition_type !== "REQUIRED");
  }
  const isList = node.element.repetition_type === "REPEATED" || node.children.length > 0;
  return { repetition, definition, isFlat: names.length === 1 && !isList };
}

export interface PageValues {
  /** The number of values that are not null. */
  readonly present: number;
  /** Returns the uncompressed bytes of the values. */
  values(): Uint8Array;
}

/** Checks the repetition and definition levels, which precede the values of a page. Throws FormatError parquet-pages. */
export const checkLevels = (
  bytes: Uint8Array,
  header: PageHeader,
  codec: CompressionCodec,
  nesting: Nesting,
): PageValues =>
  header.type === "DATA_PAGE"
    ? firstVersion(inflatePage(codec, bytes, header.pageBytes), header.values, nesting)
    : secondVersion(bytes, header, codec, nesting);

/** Checks a page of the first version: levels with a length in front, compressed together with the values. */
function firstVersion(page: Uint8Array, count: number, { repetition, definition }: Nesting): PageValues {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  let at = 0;
  let present = count;
  if (repetition > 0) {
    checkRuns(page.subarray(4), widthOf(repetition), count);
    at = 4 + view.getUint32(0, true);
  }
  if (definition > 0) {
    present = checkRuns(page.subarray(at + 4), widthOf(definition), count, definition);
    at += 4 + view.getUint32(at, true);
  }
  return { present, values: () => page.subarray(at) };
}

/** Checks a page of the second version: uncompressed levels, and compressed values after them. */
function secondVersion(
  bytes: Uint8Array,
  { values: count, pageBytes, levels }: PageHeader,
  codec: CompressionCodec,
  { repetition, definition }: Nesting,
): PageValues {
  const { nulls, repetitionBytes: before, definitionBytes: between } = levels;
  if (!(nulls >= 0 && nulls <= count))
    throw new FormatError("parquet-pages", 0, `a page declares ${nulls} of its ${count} values to be null`);
  if (!(before >= 0 && between >= 0))
    throw new FormatError("parquet-pages", 0, `a page declares levels of ${before} and ${between} bytes`);
  if (repetition > 0) checkRuns(bytes, widthOf(repetition), count);
  if (definition > 0) checkRuns(bytes.subarray(before), widthOf(definition), count);
  const packed = bytes.subarray(before + between);
  return {
    present: count - nulls,
    values: () => (levels.areValuesPacked ? inflatePage(codec, packed, pageBytes - before - between) : packed),
  };
}

/** Returns the number of bits of a level. */
const widthOf = (most: number): number => 32 - Math.clz32(most);
