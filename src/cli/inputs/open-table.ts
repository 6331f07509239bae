import { FormatError } from "../../bytes/format-error.ts";
import { naming, type OpenedFile } from "../files/input-file.ts";
import { openStandardInput, STANDARD_INPUT } from "../files/standard-input.ts";
import { shownPath } from "../remote/address.ts";
import { checkRaw, explainRefusal, unknownFormat } from "./foreign-input.ts";
import { type Format, type FormatName, formatNamed, formatNameOf } from "./formats.ts";
import { openSource, type SourceFile, type Sources } from "./source.ts";
import type { InputTable, TableRequest } from "./table.ts";

interface OpenedTable {
  readonly file: SourceFile;
  readonly format: Format;
  readonly table: InputTable;
}

/** Opens a file and the requested table in it. The caller closes the table, and then the file. */
export async function openTable(
  path: string,
  format: FormatName | undefined,
  request: TableRequest,
  { standardInput, openRemote }: Sources = {},
): Promise<OpenedTable> {
  const stream = path === STANDARD_INPUT ? standardInput : undefined;
  const name = format ?? formatNameOf(shownPath(path));
  if (stream && name === undefined) {
    throw new RangeError(
      "'--format' is missing: standard input has no extension, so name its format, as in --format npy",
    );
  }
  const reader = name && formatNamed(name);
  if (reader) checkRequest(shownPath(path), reader, request);
  if (stream && reader?.needsFolder)
    throw new RangeError(`'--format' ${name} needs the files of a folder, which standard input does not have`);
  const file =
    stream && name && reader
      ? await openStandardInput(stream, (begun) => checkBegun(begun, name, reader, request))
      : await openSource(path, openRemote);
  try {
    return await naming(file.path, async () => {
      if (name === undefined || reader === undefined) throw await unknownFormat(file, request);
      return { file, format: reader, table: await tableOf(file, name, reader, request) };
    });
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Throws a FormatError if a file that is still being written has another format, or is longer than its header states. */
async function checkBegun(begun: OpenedFile, name: FormatName, format: Format, request: TableRequest): Promise<void> {
  if (!format.isHeaderFirst) return;
  try {
    await naming(begun.path, () => tableOf(begun, name, format, request));
  } catch (error) {
    if (!(error instanceof FormatError) || error.code !== "file-truncated") throw error;
  }
}

async function tableOf(file: SourceFile, name: FormatName, format: Format, request: TableRequest): Promise<InputTable> {
  try {
    if (name === "f32") await checkRaw(file);
    return await format.open(file, request);
  } catch (error) {
    throw await explainRefusal(file, name, request, error);
  }
}

/** Refuses options that the format does not support. */
function checkRequest(
  path: string,
  { named, hasIds }: Format,
  { tensor, dim, idField, mayLackIds, fields = [] }: TableRequest,
): void {
  if (tensor !== undefined && named === undefined) {
    throw new RangeError(
      `${path}: '--tensor' needs a format with named tensors, but this file holds one unnamed matrix`,
    );
  }
  if (idField && !hasIds && !mayLackIds) {
    throw new RangeError(`${path}: '--id-field' needs .parquet, .csv or .jsonl: use '--labels' for other formats`);
  }
  const [field] = fields;
  if (field && !hasIds) {
    throw new RangeError(
      `${path}: '--${field.option}' needs .parquet, .csv or .jsonl: use '--metadata' for other formats`,
    );
  }
  if (dim !== undefined && !(Number.isSafeInteger(dim) && dim >= 1)) {
    throw new RangeError(`'--dim' expected an integer ≥ 1, got ${dim}`);
  }
}
