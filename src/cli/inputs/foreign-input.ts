import { extname } from "node:path";
import { FormatError } from "../../bytes/format-error.ts";
import { quoteName } from "../../bytes/strict-json.ts";
import { type ForeignFile, impressionOf, recognise, remedyFor, START_BYTES } from "../files/foreign-files.ts";
import type { OpenedFile } from "../files/input-file.ts";
import { FORMAT_NAMES, type FormatName } from "./formats.ts";

/*
 * Says what a file is that none of the readers takes, or another one than its name says.
 */

/** A file of each format may begin like these. */
const KINDS: Readonly<Record<FormatName, readonly ForeignFile["kind"][]>> = {
  safetensors: ["model"],
  "safetensors.index.json": ["json"],
  npy: ["npy"],
  npz: ["npz", "zip"],
  fvecs: [],
  f32: [],
  parquet: ["parquet"],
  csv: ["text"],
  jsonl: ["json", "text"],
};

/** No raw f32 begins with these, though any bytes can be f32: they are signatures of four bytes and more. */
const NEVER_RAW: readonly ForeignFile["kind"][] = [
  ...(["zip", "npz", "checkpoint", "npy", "gguf", "parquet", "zstd", "hdf5", "model", "index"] as const),
];

/** Raw f32 say nothing of themselves, so any file would pass for them. */
export async function checkRaw(file: OpenedFile): Promise<void> {
  const found = await recogniseFile(file);
  if (found && NEVER_RAW.includes(found.kind)) throw new RangeError("not raw f32"); // which explainRefusal explains
}

async function recogniseFile(file: OpenedFile): Promise<ForeignFile | undefined> {
  return recognise(await file.read(0, Math.min(file.byteLength, START_BYTES)));
}

/** The error for a file whose extension says nothing. */
export async function unknownFormat(file: OpenedFile): Promise<RangeError> {
  const { path } = file;
  const found = await recogniseFile(file);
  const extension = extname(path);
  const problem = extension === "" ? "the name has no extension" : `no reader for ${quoteName(extension)}`;
  if (found) return new RangeError(`${problem}, and it ${impressionOf(found)}: ${remedyFor(found, "rows", path)}`);
  const known = FORMAT_NAMES.map((format) => `.${format}`).join(", ");
  return new RangeError(`${problem}, expected ${known}`);
}

/**
 * Says of a file that a reader refused what it is, if it is of another format, and what to do. Its own error otherwise.
 */
export async function explainRefusal(file: OpenedFile, name: FormatName, error: unknown): Promise<unknown> {
  if (!(error instanceof FormatError || error instanceof RangeError)) return error;
  const found = await recogniseFile(file);
  if (found === undefined || KINDS[name].includes(found.kind)) return error;
  const problem = `expected .${name}, and it ${impressionOf(found)}: ${remedyFor(found, "rows", file.path)}`;
  if (error instanceof FormatError) return new FormatError(error.code, error.offset, problem);
  return new RangeError(problem);
}
