import { FormatError } from "../../bytes/format-error.ts";
import { naming, type OpenedFile, openFile } from "../files/input-file.ts";
import { openStandardInput, STANDARD_INPUT } from "../files/standard-input.ts";
import { checkRaw, explainRefusal, unknownFormat } from "./foreign-input.ts";
import { type Format, type FormatName, formatNamed, formatNameOf } from "./formats.ts";
import type { InputTable, TableRequest } from "./table.ts";

interface OpenedTable {
  readonly file: OpenedFile;
  readonly format: Format;
  readonly table: InputTable;
}

/** Opens a file and the table that is asked for of it. The caller closes the file after the table. */
export async function openTable(
  path: string,
  given: FormatName | undefined,
  request: TableRequest,
  standardInput?: AsyncIterable<Uint8Array>,
): Promise<OpenedTable> {
  const stream = path === STANDARD_INPUT ? standardInput : undefined;
  const name = given ?? formatNameOf(path);
  if (stream && name === undefined) {
    throw new RangeError('"format" is missing: standard input has no extension, say what comes, such as --format npy');
  }
  const format = name && formatNamed(name);
  if (format) checkRequest(path, format, request);
  if (stream && format?.needsFolder) throw new RangeError(`"format": standard input has no folder, as ${name} needs`);
  const file =
    stream && name && format
      ? await openStandardInput(stream, (begun) => checkBegun(begun, name, format, request))
      : await naming(path, () => openFile(path));
  try {
    return await naming(file.path, async () => {
      if (name === undefined || format === undefined) throw await unknownFormat(file);
      return { file, format, table: await tableOf(file, name, format, request) };
    });
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** FormatError where a file that is still being written shows that it is none of its format, or too long for its header. */
async function checkBegun(begun: OpenedFile, name: FormatName, format: Format, request: TableRequest): Promise<void> {
  if (!format.isHeaderFirst) return;
  try {
    await naming(begun.path, () => tableOf(begun, name, format, request));
  } catch (error) {
    if (!(error instanceof FormatError) || error.code !== "file-truncated") throw error;
  }
}

async function tableOf(file: OpenedFile, name: FormatName, format: Format, request: TableRequest): Promise<InputTable> {
  try {
    if (name === "f32") await checkRaw(file);
    return await format.open(file, request);
  } catch (error) {
    throw await explainRefusal(file, name, error);
  }
}

/** Options that the format has nothing for. */
function checkRequest(path: string, { named, hasIds }: Format, { tensor, dim, idField }: TableRequest): void {
  if (tensor !== undefined && named === undefined) {
    throw new RangeError(`${path}: "tensor" is for files with several, others hold one matrix without a name`);
  }
  if (idField && !hasIds) {
    throw new RangeError(`${path}: "id-field" is for .parquet, .csv and .jsonl, others take a file of "labels"`);
  }
  if (dim !== undefined && !(Number.isSafeInteger(dim) && dim >= 1)) {
    throw new RangeError(`"dim" expected an integer ≥ 1, got ${dim}`);
  }
}
