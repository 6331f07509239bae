import { stat } from "node:fs/promises";
import { quoteName } from "../../bytes/strict-json.ts";
import { naming, type OpenedFile } from "../files/input-file.ts";
import type { Format } from "./formats.ts";
import { NoSuchTensor } from "./named-tensors.ts";
import { openTable } from "./open-table.ts";
import type { InputTable, TableRequest } from "./table.ts";

/** A tensor or file that an option names beside the embeddings. */
export interface NamedTable {
  readonly option: string;
  readonly name: string;
  readonly rank: TableRequest["rank"];
}

/**
 * Runs `read` with the tensor of the file of the embeddings that has this name, where tensors have names, or otherwise with the
 * file of this name. `read` closes the table.
 *
 * @throws RangeError where there is neither
 */
export async function readNamed<T>(
  file: OpenedFile,
  format: Format,
  wanted: NamedTable,
  read: (table: InputTable, path: string) => Promise<T>,
): Promise<T> {
  const { name, rank, option } = wanted;
  const own = format.named === "tensors" ? await ownTable(file, format, wanted) : undefined;
  if (own) return read(own, file.path);
  const other = await openTable(name, undefined, { rank, option, idField: false });
  try {
    return await read(other.table, name);
  } finally {
    await other.file.close();
  }
}

/** Undefined where there is a file instead. */
async function ownTable(
  file: OpenedFile,
  format: Format,
  { name, rank, option }: NamedTable,
): Promise<InputTable | undefined> {
  try {
    return await naming(file.path, () => format.open(file, { rank, option, tensor: name }));
  } catch (error) {
    if (!(error instanceof NoSuchTensor)) throw error;
    if (await isThere(name)) return undefined;
    throw new RangeError(
      `"${option}" expected a tensor of ${file.path}, or a file, and there is neither of the name ${quoteName(name)}; the file has ${error.listed}`,
    );
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
