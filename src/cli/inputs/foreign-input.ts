import { extname } from "node:path";
import { FormatError } from "../../bytes/format-error.ts";
import { quoteName } from "../../bytes/strict-json.ts";
import { type ForeignFile, impressionOf, recognise, remedyFor, START_BYTES } from "../files/foreign-files.ts";
import { FORMAT_NAMES, type FormatName } from "./formats.ts";
import type { SourceFile } from "./source.ts";
import type { TableRequest } from "./table.ts";

/*
 * Explains errors for a file that no reader accepts, or whose content does not match its name.
 */

/** The kinds that a file of each format may look like. */
const KINDS: Readonly<Record<FormatName, readonly ForeignFile["kind"][]>> = {
  safetensors: ["model"],
  "safetensors.index.json": ["json"],
  npy: ["npy"],
  npz: ["npz", "zip"],
  fvecs: [],
  f32: [],
  parquet: ["parquet"],
  csv: ["text", "spaced"],
  jsonl: ["json", "text", "spaced"],
};

/** Kinds with signatures of four bytes or more, which are recognised although any bytes can be f32. */
const NEVER_RAW: readonly ForeignFile["kind"][] = [
  ...(["zip", "spreadsheet", "npz", "checkpoint", "npy", "gguf", "parquet", "zstd", "hdf5", "model", "index"] as const),
];

/** Refuses a file of another kind as raw f32, which has no header, so that any file would pass. */
export async function checkRaw(file: SourceFile): Promise<void> {
  const found = await recogniseFile(file);
  if (found && NEVER_RAW.includes(found.kind)) throw new RangeError("not raw f32"); // explainRefusal says more
}

async function recogniseFile(file: SourceFile): Promise<ForeignFile | undefined> {
  return recognise(await file.read(0, Math.min(file.byteLength, START_BYTES)));
}

/** Returns the error for a file whose extension is unknown. */
export async function unknownFormat(file: SourceFile, { takesFormat }: TableRequest): Promise<RangeError> {
  const { path } = file;
  const found = await recogniseFile(file);
  const extension = extname(path);
  const problem =
    extension === "" ? "the name has no extension" : `the extension ${quoteName(extension)} is not supported`;
  if (found) {
    return new RangeError(`${problem}, and it ${impressionOf(found)}: ${remedyFor(found, "rows", path, takesFormat)}`);
  }
  const known = FORMAT_NAMES.map((format) => `.${format}`).join(", ");
  return new RangeError(`${problem}, expected ${known}`);
}

/** Returns an error that names the format of a refused file, and the remedy. Returns `error` if it has none. */
export async function explainRefusal(
  file: SourceFile,
  name: FormatName,
  { takesFormat }: TableRequest,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof FormatError || error instanceof RangeError)) return error;
  const found = await recogniseFile(file);
  if (found === undefined || KINDS[name].includes(found.kind)) return error;
  const problem = `expected .${name}, but it ${impressionOf(found)}: ${remedyFor(found, "rows", file.path, takesFormat)}`;
  if (error instanceof FormatError) return new FormatError(error.code, error.offset, problem);
  return new RangeError(problem);
}
