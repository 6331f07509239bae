import type { CompressionCodec, SchemaTree } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";
import { inflatePage } from "./compression.ts";
import type { PageHeader } from "./page-header.ts";
import { checkRuns } from "./runs.ts";

/** How a column is nested: the largest levels of its values, and whether it is no list and has no fields of its own. */
export interface Nesting {
  readonly repetition: number;
  readonly definition: number;
  readonly isFlat: boolean;
}

/** FormatError parquet-file where the schema has no such column. */
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
  /** Values that are there, which are not null. */
  readonly present: number;
  /** Their bytes, inflated. */
  values(): Uint8Array;
}

/** Checks the repetition and definition levels of a page of values, which stand in front of the values. FormatError: parquet-pages. */
export const checkLevels = (
  bytes: Uint8Array,
  header: PageHeader,
  codec: CompressionCodec,
  nesting: Nesting,
): PageValues =>
  header.type === "DATA_PAGE"
    ? firstVersion(inflatePage(codec, bytes, header.pageBytes), header.values, nesting)
    : secondVersion(bytes, header, codec, nesting);

/** Levels with their length in front of them, all inflated. */
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

/** Levels as they are, and the values behind them packed. */
function secondVersion(
  bytes: Uint8Array,
  { values: count, pageBytes, levels }: PageHeader,
  codec: CompressionCodec,
  { repetition, definition }: Nesting,
): PageValues {
  const { nulls, repetitionBytes: before, definitionBytes: between } = levels;
  if (!(nulls >= 0 && nulls <= count))
    throw new FormatError("parquet-pages", 0, `${nulls} of ${count} values are null`);
  if (!(before >= 0 && between >= 0))
    throw new FormatError("parquet-pages", 0, `levels of ${before} and ${between} bytes`);
  if (repetition > 0) checkRuns(bytes, widthOf(repetition), count);
  if (definition > 0) checkRuns(bytes.subarray(before), widthOf(definition), count);
  const packed = bytes.subarray(before + between);
  return {
    present: count - nulls,
    values: () => (levels.areValuesPacked ? inflatePage(codec, packed, pageBytes - before - between) : packed),
  };
}

/** Bits of a level. */
const widthOf = (most: number): number => 32 - Math.clz32(most);
