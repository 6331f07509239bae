import { open, stat } from "node:fs/promises";
import { looksLike } from "../../bytes/foreign-bytes.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { parseHeader } from "../../bytes/safetensors.ts";
import { FORMAT } from "../../changes/changes-format.ts";
import { isManifestText } from "../../publication/manifest.ts";
import { shellWord } from "../process/shell-word.ts";
import { naming } from "./input-file.ts";
import { STANDARD_INPUT_NAME } from "./standard-input.ts";

/** The recognised kind of a file. It decides the advice if an index, or rows of numbers, were expected. */
export interface ForeignFile {
  readonly kind: keyof typeof REMEDIES;
  readonly look: string;
}

/** The number of bytes to recognise a file by. The metadata of an index takes fewer. */
export const START_BYTES = 65536;

type Remedy = (path: string, takesFormat: boolean) => string;
/** The argument of a command that reads the file. A command that reads standard input has none. */
const argument = (path: string): string => (path === STANDARD_INPUT_NAME ? "" : ` ${shellWord(path)}`);
const rows: Remedy = (path) => `build an index from it: midx build ${shellWord(path)} -o <index>`;
const convert: Remedy = () => "save its rows as .safetensors or .npy first";
const unpack =
  (command: string): Remedy =>
  (path) =>
    `unpack it first: ${command}${argument(path)}`;
const readAs =
  (format: string): Remedy =>
  (_, takesFormat) =>
    `rename it to .${format}${takesFormat ? `, or read the embeddings with --format ${format}` : ""}`;
const withCommas: Remedy = () => "save it with commas between the numbers, as .csv";
const withSafetensors: Remedy = () => "save the tensor with safetensors.torch.save_file first";
const lines: Remedy = (path) => `write each row on a line of its own: jq -c '.[]'${argument(path)} > rows.jsonl`;
const download: Remedy = () => "it may be the error page of a failed download: download the file again";
const pull: Remedy = () => "download the actual file: git lfs pull";
const interrupted: Remedy = () => "the program that wrote it may have been interrupted: create it again";
const noRows: Remedy = () => "it contains no rows of numbers";

/** Names that only PyTorch gives to archives. */
const IS_TORCH = /\.(?:pt|pth|ckpt)$/i;

/** [advice if an index was expected, advice if rows of numbers were expected] */
const REMEDIES = {
  index: [() => "", () => "an index is built from embeddings, not from an index: pass the file it was built from"],
  changes: [
    () =>
      "pass the index that it is for: commands that ask it apply changes with --changes, and midx push sends them to a service",
    () => "the rows in it are those of an index: pass the table that it was made from",
  ],
  model: [rows, readAs("safetensors")],
  npz: [rows, readAs("npz")],
  checkpoint: [convert, withSafetensors],
  zip: [convert, (path, takesFormat) => (IS_TORCH.test(path) ? withSafetensors : unpack("unzip"))(path, takesFormat)],
  spreadsheet: [() => "pass a file that midx build wrote", () => "save the sheet as .csv, .jsonl or .parquet first"],
  npy: [rows, readAs("npy")],
  gguf: [convert, () => "use the model's .safetensors files instead"],
  parquet: [rows, readAs("parquet")],
  gzip: [unpack("gunzip"), unpack("gunzip")],
  zstd: [unpack("zstd -d"), unpack("zstd -d")],
  image: [() => "pass a file that midx build wrote", noRows],
  hdf5: [convert, convert],
  pickle: [convert, convert],
  lfs: [pull, pull],
  html: [download, download],
  pointer: [
    () => "a pointer names a published index: pass the file that was published, or serve the pointer with midx serve",
    () => "a pointer names a published index: pass the embeddings",
  ],
  manifest: [
    () =>
      "this command takes one index file, such as a part that the manifest names; --help of a command says whether it takes manifests",
    () => "a manifest names the parts of an index: pass the embeddings",
  ],
  plan: [
    () => "a plan names the tasks of a build in parts: pass the manifest.json that the build writes beside it",
    () => "a plan names the tasks of a build in parts: pass the embeddings",
  ],
  json: [() => "pass a file that midx build wrote", readAs("jsonl")],
  list: [() => "pass a file that midx build wrote", lines],
  text: [() => "pass a file that midx build wrote", readAs("csv")],
  spaced: [() => "pass a file that midx build wrote", withCommas],
  empty: [interrupted, interrupted],
} as const satisfies Readonly<Record<string, readonly [index: Remedy, rows: Remedy]>>;

/** The part of a message that follows "it". */
export const impressionOf = ({ kind, look }: ForeignFile): string =>
  kind === "empty" ? "is empty" : `looks like ${look}`;

export type Wanted = "index" | "rows";

/** Returns the advice for a file. `takesFormat` says that the command has the option --format for it. */
export const remedyFor = ({ kind }: ForeignFile, wanted: Wanted, path: string, takesFormat = false): string =>
  REMEDIES[kind][wanted === "index" ? 0 : 1](path, takesFormat);

/** Recognises a file by its first bytes. Returns undefined if they do not identify it. */
export function recognise(start: Uint8Array): ForeignFile | undefined {
  if (start.byteLength === 0) return { kind: "empty", look: "an empty file" };
  const [kind, look = ""] = looksLike(start) ?? [];
  const text = new TextDecoder("latin1").decode(start);
  if (kind === "zip") {
    if (text.includes("/data.pkl")) return { kind: "checkpoint", look: "a PyTorch checkpoint" };
    if (IS_SPREADSHEET.test(text)) return { kind: "spreadsheet", look: "a spreadsheet (.xlsx or .ods)" };
    return text.includes(".npy") ? { kind: "npz", look: "NumPy arrays (.npz)" } : { kind, look: "a zip archive" };
  }
  if (kind === "json" && isManifestText(text)) return { kind: "manifest", look: "a manifest of parts" };
  if (kind === "json" && IS_PLAN.test(text)) return { kind: "plan", look: "a plan of a build in parts" };
  if (kind === "json" && text.includes('"parts"') && text.includes('"sha256"')) {
    return { kind: "pointer", look: "a pointer that midx publish wrote" };
  }
  if (kind === "json" && IS_LIST.test(text)) return { kind: "list", look: "one JSON array of all rows" };
  if (kind === undefined) return safetensorsFile(start);
  if (kind !== "text") return { kind, look };
  if (!IS_TEXT.test(text)) return undefined; // floats may happen to be letters
  return { kind: isSpaced(text) ? "spaced" : kind, look };
}

/** A zip archive with a member of Excel's, or that begins with the type of OpenDocument. */
const IS_SPREADSHEET = /PK.{28}(?:xl\/|mimetypeapplication\/vnd\.oasis\.opendocument\.spreadsheet)/s;

/** The beginning of a plan, whose fingerprints and parts look like those of a pointer. */
const IS_PLAN = /^\s*\{\s*"kind"\s*:\s*"build-plan"/;

/** The beginning of an array of arrays or objects. A line of .jsonl has numbers in its array. */
const IS_LIST = /^\s*\[\s*[[{]/;

/** Text without control characters, except those between lines and words. */
const IS_TEXT = /^[^\p{Cc}]*(?:[\t\n\r][^\p{Cc}]*)*$/u;

/** Tells whether the first line has fields between tabs, or between spaces without a comma, as in .tsv and .vec files. */
function isSpaced(text: string): boolean {
  const line = text.split("\n", 1).join().trim();
  return line.includes("\t") || (line.includes(" ") && !line.includes(","));
}

const ANY_SAFETENSORS: ForeignFile = { kind: "model", look: "a safetensors file" };
/** By the format that a header names. */
const SAFETENSORS = new Map<string | undefined, ForeignFile>([
  ["midx", { kind: "index", look: "an index that midx build wrote" }],
  [FORMAT, { kind: "changes", look: "changes that midx changes wrote" }],
]);

/** Recognises a safetensors file by the length of its header, in the first eight bytes. */
function safetensorsFile(start: Uint8Array): ForeignFile | undefined {
  try {
    const { metadata } = parseHeader(start, undefined);
    return SAFETENSORS.get(metadata.format) ?? ANY_SAFETENSORS;
  } catch {
    return /^.{6}\0\0\{"/s.test(new TextDecoder("latin1").decode(start.subarray(0, 10))) ? ANY_SAFETENSORS : undefined;
  }
}

/** Recognises a regular file by its first bytes. Undefined if they do not identify it, and for a pipe. */
export async function kindOfFile(path: string): Promise<ForeignFile | undefined> {
  const start = await startOf(path);
  return start && recognise(start);
}

/** Runs `action`, which reads an index file. Errors name the file and, if it is not an index, its kind and advice. */
export const asIndex = <T>(path: string, action: () => Promise<T>): Promise<T> =>
  asKind(path, "index", (found) => `not an index: ${remedyFor(found, "index", path)}`, action);

/** Throws a FormatError that names a file of another kind than these with its kind and advice. Unknown ones pass. */
export async function expectKinds(path: string, kinds: readonly ForeignFile["kind"][]): Promise<void> {
  const found = await kindOfFile(path);
  if (found === undefined || kinds.includes(found.kind)) return;
  const problem = `it ${impressionOf(found)}, not an index: ${remedyFor(found, "index", path)}`;
  await naming(path, () => Promise.reject(new FormatError("foreign-file", 0, problem)));
}

/** Runs `action`, which reads a file of changes. Errors name the file and, if it is none, its kind and advice. */
export const asChanges = <T>(path: string, action: () => Promise<T>): Promise<T> =>
  asKind(path, "changes", () => "not a file of changes: pass one that midx changes or midx diff wrote", action);

function asKind<T>(
  path: string,
  wanted: ForeignFile["kind"],
  adviceOn: (found: ForeignFile) => string,
  action: () => Promise<T>,
): Promise<T> {
  return naming(path, async () => {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof FormatError && FOREIGN_CODES.includes(error.code))) throw error;
      const found = await kindOfFile(path);
      const { code, offset } = error;
      const isBroken = found?.kind === wanted || (found?.kind === "model" && code === "file-truncated");
      if (found === undefined || isBroken) throw error;
      throw new FormatError(code, offset, `it ${impressionOf(found)}, ${adviceOn(found)}`);
    }
  });
}

/** Runs `action`, which reads a text file. Errors name the file and, if it is not text, its kind. */
export function asText<T>(path: string, action: () => Promise<T>): Promise<T> {
  return naming(path, async () => {
    try {
      return await action();
    } catch (error) {
      const found = error instanceof FormatError ? await kindOfFile(path) : undefined;
      if (!(error instanceof FormatError) || !found || TEXT_KINDS.includes(found.kind)) throw error;
      const problem = `${found.kind === "list" ? "" : "expected text, but "}it ${impressionOf(found)}`;
      const remedy = OF_TEXT.includes(found.kind) ? `: ${remedyFor(found, "rows", path)}` : "";
      throw new FormatError(error.code, error.offset, problem + remedy);
    }
  });
}

const TEXT_KINDS: readonly ForeignFile["kind"][] = ["text", "spaced", "json"];
/** Kinds from which the text can be had. */
const OF_TEXT: readonly ForeignFile["kind"][] = ["list", "gzip", "zstd"];

/** Codes of FormatErrors for a file that is not an index. */
const FOREIGN_CODES = ["header-length", "foreign-file", "file-truncated"];

/** Reads the first bytes of a regular file. The bytes of a pipe have already been read, so it returns undefined for one. */
async function startOf(path: string): Promise<Uint8Array | undefined> {
  if (!(await stat(path)).isFile()) return undefined;
  const file = await open(path, "r");
  try {
    const bytes = new Uint8Array(START_BYTES);
    const { bytesRead } = await file.read(bytes, 0, START_BYTES, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
