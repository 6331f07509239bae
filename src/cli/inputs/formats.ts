import type { OpenedFile } from "../files/input-file.ts";
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
import type { InputTable, TableRequest } from "./table.ts";

export interface Format {
  open(file: OpenedFile, request: TableRequest): Promise<InputTable>;
  /** The option `tensor` names a tensor, beside which the bias may be another one, or a column or key. */
  readonly named?: "tensors" | "columns";
  /** Whether rows may have labels beside their values. */
  readonly hasIds?: true;
  /** Whether the beginning of a file says how long the file is. */
  readonly isHeaderFirst?: true;
  /** Whether there are other files in its folder that belong to it. */
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

/** Other extensions of some of them. */
const ALIASES: Readonly<Record<string, FormatName>> = { bin: "f32", ndjson: "jsonl" };

/** The reader of this name. */
export const formatNamed = (name: FormatName): Format => FORMATS[name];

/** The name of the format that the path's extension says, if there is a reader for it. */
export function formatNameOf(path: string): FormatName | undefined {
  const lower = path.toLowerCase();
  return (
    FORMAT_NAMES.find((format) => lower.endsWith(`.${format}`)) ??
    Object.entries(ALIASES).find(([extension]) => lower.endsWith(`.${extension}`))?.[1]
  );
}
