import { openCsv } from "./csv.ts";
import { locateFvecs } from "./fvecs.ts";
import { openJsonl } from "./jsonl.ts";
import { located } from "./matrix.ts";
import { locateNpy } from "./npy.ts";
import { openNpz } from "./npz.ts";
import { openParquet } from "./parquet/parquet.ts";
import { locateRaw } from "./raw.ts";
import { locateSafetensors } from "./safetensors.ts";
import { openShards } from "./shards.ts";
import type { SourceFile } from "./source.ts";
import type { InputTable, TableRequest } from "./table.ts";

export interface Format {
  open(file: SourceFile, request: TableRequest): Promise<InputTable>;
  /** The option `tensor` names a tensor, and other options name tensors of the same file, or it names a column or key. */
  readonly named?: "tensors" | "columns";
  /** Rows may have labels beside their values. */
  readonly hasIds?: true;
  /** The beginning of a file states how long the file is. */
  readonly isHeaderFirst?: true;
  /** Other files in its folder belong to it. */
  readonly needsFolder?: true;
}

const FORMATS = {
  safetensors: { open: located(locateSafetensors), named: "tensors", isHeaderFirst: true },
  "safetensors.index.json": { open: openShards, named: "tensors", needsFolder: true },
  npy: { open: located(locateNpy), isHeaderFirst: true },
  npz: { open: openNpz, named: "tensors" },
  fvecs: { open: located(locateFvecs), isHeaderFirst: true },
  f32: { open: located(locateRaw) },
  parquet: { open: openParquet, named: "columns", hasIds: true },
  csv: { open: openCsv, hasIds: true },
  jsonl: { open: openJsonl, named: "columns", hasIds: true },
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];

/** Alternative extensions. */
const ALIASES: Readonly<Record<string, FormatName>> = { bin: "f32", ndjson: "jsonl" };

/** Returns the format of this name. */
export const formatNamed = (name: FormatName): Format => FORMATS[name];

/** Returns the name of the format of the path's extension, if it is known. */
export function formatNameOf(path: string): FormatName | undefined {
  const lower = path.toLowerCase();
  return (
    FORMAT_NAMES.find((format) => lower.endsWith(`.${format}`)) ??
    Object.entries(ALIASES).find(([extension]) => lower.endsWith(`.${extension}`))?.[1]
  );
}
