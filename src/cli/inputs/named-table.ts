import { stat } from "node:fs/promises";
import { quoteName } from "../../bytes/strict-json.ts";
import { naming } from "../files/input-file.ts";
import { isRemote } from "../remote/address.ts";
import type { Format } from "./formats.ts";
import { NoSuchTensor } from "./named-tensors.ts";
import { openTable } from "./open-table.ts";
import type { SourceFile, Sources } from "./source.ts";
import type { InputTable, TableRequest } from "./table.ts";

/** A tensor or file that an option names in addition to the embeddings. */
export interface NamedTable extends Pick<Sources, "openRemote"> {
  readonly option: string;
  readonly name: string;
  readonly rank: TableRequest["rank"];
  /** The column or key with the labels, which a file may lack. False: they are not wanted. */
  readonly idField: TableRequest["idField"];
}

/**
 * Runs `read` with the tensor of this name in the file of the embeddings, if tensors have names, or with the file of this
 * name. `read` closes the table.
 *
 * @throws RangeError if there is neither
 */
export async function readNamed<T>(
  file: SourceFile,
  format: Format,
  wanted: NamedTable,
  read: (table: InputTable, path: string) => Promise<T>,
): Promise<T> {
  const { name, rank, option, idField, openRemote } = wanted;
  const own = format.named === "tensors" && !isRemote(name) ? await ownTable(file, format, wanted) : undefined;
  if (own) return read(own, file.path);
  const other = await openTable(name, undefined, { rank, option, idField, mayLackIds: true }, { openRemote });
  try {
    return await read(other.table, other.file.path);
  } finally {
    await other.file.close();
  }
}

/** Opens the tensor of this name. Returns undefined if there is a file of this name instead. */
async function ownTable(
  file: SourceFile,
  format: Format,
  { name, rank, option }: NamedTable,
): Promise<InputTable | undefined> {
  try {
    return await naming(file.path, () => format.open(file, { rank, option, tensor: name }));
  } catch (error) {
    if (!(error instanceof NoSuchTensor)) throw error;
    if (await exists(name)) return undefined;
    throw new RangeError(
      `'--${option}': there is neither a tensor ${quoteName(name)} in ${file.path} nor a file of this name; the file has ${error.listed}`,
    );
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
