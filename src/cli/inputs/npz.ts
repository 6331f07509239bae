import { type Entry, fromFdPromise, type ZipFile } from "yauzl";
import { FormatError } from "../../bytes/format-error.ts";
import type { InputFile } from "../files/input-file.ts";
import { isFloatDtype, isNumberDtype } from "./elements.ts";
import { matrixTable } from "./matrix.ts";
import { chooseTensor, isBiasName, type NamedTensor } from "./named-tensors.ts";
import { locateNpy, npyDtype, readNpyHeader } from "./npy.ts";
import type { SourceFile } from "./source.ts";
import type { InputTable, TableRequest } from "./table.ts";
import { zipError, zipMember } from "./zip-member.ts";

/** The limit for arrays in one archive, beyond any practical use. */
const MAX_MEMBERS = 10_000;

/**
 * Opens an array of an .npz archive: the member `request.tensor`.npy or, without a name, the only one that fits. Names are
 * compared and never used as paths.
 *
 * @throws FormatError npz-members, zip-member, zip-size, and those of .npy files
 */
export async function openNpz(file: SourceFile, request: TableRequest): Promise<InputTable> {
  const zip = await openZip(file);
  const arrays = await listArrays(zip, file.path, request);
  const array = zipMember(zip, chooseTensor(arrays, request).entry, file.path);
  try {
    const table = matrixTable(array, await locateNpy(array, request));
    const biases = arrays.filter(({ name, vectorLength }) => isBiasName(name) && vectorLength === table.itemCount);
    return { ...table, biases: biases.map(({ name }) => name), close: array.close };
  } catch (error) {
    await array.close();
    throw error;
  }
}

/** Opens the archive. It is never closed, because that would close the file, which belongs to the caller. */
async function openZip({ fd }: SourceFile): Promise<ZipFile> {
  if (fd === undefined) {
    throw new RangeError("an archive is not read from a URL: download it first, or save its array as .npy");
  }
  try {
    // Without decodeStrings names stay bytes, so an archive is not refused for the names of other members.
    return await fromFdPromise(fd, { autoClose: false, decodeStrings: false });
  } catch (error) {
    throw zipError(error, 0);
  }
}

interface ZipArray extends NamedTensor {
  readonly entry: Entry;
  /** The number of values of a vector of floats. */
  readonly vectorLength?: number | undefined;
}

async function listArrays(zip: ZipFile, path: string, request: TableRequest): Promise<ZipArray[]> {
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      const member = entry.fileNameRaw.toString("utf8");
      if (!member.endsWith(".npy")) continue;
      const name = member.slice(0, -".npy".length);
      if (entries.has(name)) throw new FormatError("npz-members", 0, `${JSON.stringify(member)} occurs twice`);
      if (entries.size === MAX_MEMBERS)
        throw new FormatError("npz-members", 0, `there are more than ${MAX_MEMBERS} arrays`);
      entries.set(name, entry);
    }
  } catch (error) {
    throw zipError(error, 0);
  }
  const arrays: ZipArray[] = [];
  for (const [name, entry] of entries) {
    const isChosen = name === request.tensor;
    arrays.push({ name, entry, ...(isChosen ? { fits: true } : await describeArray(zip, entry, path, request)) });
  }
  return arrays;
}

/** Reads the type and shape of an array. An unreadable array does not fit. */
async function describeArray(
  zip: ZipFile,
  entry: Entry,
  path: string,
  { rank }: TableRequest,
): Promise<Pick<ZipArray, "kind" | "fits" | "vectorLength">> {
  let member: InputFile | undefined;
  try {
    member = zipMember(zip, entry, path);
    const { descr, shape } = await readNpyHeader(member);
    const dtype = npyDtype(descr);
    const isWanted = rank === 2 ? isFloatDtype : isNumberDtype;
    const fits = dtype !== undefined && isWanted(dtype) && shape.length === rank;
    const vectorLength = dtype !== undefined && isFloatDtype(dtype) && shape.length === 1 ? shape[0] : undefined;
    return { kind: `${descr} [${shape.join(", ")}]`, fits, vectorLength };
  } catch (error) {
    if (error instanceof FormatError) return { fits: false };
    throw error;
  } finally {
    await member?.close();
  }
}
