import { createHash } from "node:crypto";
import { type Dtype, parseHeader, serialiseHeader } from "../../bytes/safetensors.ts";
import { replaceFileWith } from "../files/replace-file.ts";
import type { TaskFile, TaskFolder } from "./task-folder.ts";

export interface NamedTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** Writes tensors to a safetensors file of a task, in the folder of the records. */
export async function writeTensors(
  { files, work }: TaskFolder,
  name: string,
  tensors: readonly NamedTensor[],
): Promise<TaskFile> {
  const file = `${work}/${name}`;
  const hash = createHash("sha256");
  let byteLength = 0;
  await files.withScratch(file, async (scratch) => {
    await replaceFileWith(scratch, async (handle) => {
      const put = async (bytes: Uint8Array): Promise<void> => {
        hash.update(bytes);
        await handle.writeFile(bytes);
        byteLength += bytes.byteLength;
      };
      await put(serialiseHeader(tensors));
      for (const { data } of tensors) await put(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    });
    await files.adopt(scratch, file);
  });
  return { file, sha256: hash.digest("hex"), byteLength };
}

/** The bytes of a number of a tensor, at most. */
const NUMBER_BYTES = 8;

/**
 * Reads such a file, and returns a function that returns the bytes of a tensor: those of the file, since a sample is large, or
 * a copy in memory that `allocate` makes. Throws an Error if the file is not the one that its task wrote.
 */
export async function readTensors(
  { files }: TaskFolder,
  { file, sha256 }: TaskFile,
  allocate?: (byteLength: number) => Uint8Array,
): Promise<(name: string) => Uint8Array> {
  const path = files.shown(file);
  const bytes = (await files.read(file))?.bytes ?? new Uint8Array(0);
  if (createHash("sha256").update(bytes).digest("hex") !== sha256) {
    throw new Error(`${path} is not what its task wrote: remove it and run the task again`);
  }
  const { tensors, byteLength } = parseHeader(bytes, bytes.byteLength);
  return (wanted) => {
    const found = tensors.find(({ name }) => name === wanted);
    if (found === undefined) throw new Error(`${path} has no tensor ${JSON.stringify(wanted)}`);
    const own = bytes.subarray(byteLength + found.begin, byteLength + found.end);
    if (!allocate) return own.byteOffset % NUMBER_BYTES === 0 ? own : new Uint8Array(own);
    const copy = allocate(own.byteLength);
    copy.set(own);
    return copy;
  };
}

/** Returns the numbers of a tensor. */
export const floatsIn = ({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array =>
  new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT);

/** Returns the numbers of a tensor of f64. */
export const doublesIn = ({ buffer, byteOffset, byteLength }: Uint8Array): Float64Array =>
  new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT);
