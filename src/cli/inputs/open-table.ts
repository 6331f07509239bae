import { FormatError } from "../../errors.ts";
import { naming, type OpenedFile, openFile } from "./file.ts";
import { type Format, type FormatName, formatOf } from "./formats.ts";
import { openStandardInput, STANDARD_INPUT } from "./standard-input.ts";
import type { InputTable, TableRequest } from "./table.ts";

interface OpenedTable {
  readonly file: OpenedFile;
  readonly format: Format;
  readonly table: InputTable;
}

/** Opens a file and the table that is asked for of it. The caller closes the file after the table. */
export async function openTable(
  path: string,
  name: FormatName | undefined,
  request: TableRequest,
  standardInput?: AsyncIterable<Uint8Array>,
): Promise<OpenedTable> {
  const stream = path === STANDARD_INPUT ? standardInput : undefined;
  if (stream && name === undefined) throw new RangeError('"format" is missing: standard input has no extension');
  const format = formatOf(path, name);
  checkRequest(path, format, request);
  if (stream && format.needsFolder) throw new RangeError(`"format": standard input has no folder, as ${name} needs`);
  const file = stream
    ? await openStandardInput(stream, (begun) => checkBegun(begun, format, request))
    : await naming(path, () => openFile(path));
  try {
    return { file, format, table: await naming(file.path, () => format.open(file, request)) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** FormatError where a file that is still being written shows that it is none of its format, or too long for its header. */
async function checkBegun(begun: OpenedFile, format: Format, request: TableRequest): Promise<void> {
  if (!format.isHeaderFirst) return;
  try {
    await naming(begun.path, () => format.open(begun, request));
  } catch (error) {
    if (!(error instanceof FormatError) || error.code !== "file-truncated") throw error;
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
