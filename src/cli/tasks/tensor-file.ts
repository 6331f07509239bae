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

/**
 * Reads such a file, and returns a function that returns the bytes of a tensor. Throws an Error if the file is not the one
 * that its task wrote.
 */
export async function readTensors(
  { files }: TaskFolder,
  { file, sha256 }: TaskFile,
  allocate = (byteLength: number): Uint8Array => new Uint8Array(byteLength),
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
    const own = allocate(found.end - found.begin);
    own.set(bytes.subarray(byteLength + found.begin, byteLength + found.end));
    return own;
  };
}
