import { createHash } from "node:crypto";
import { FormatError } from "../../bytes/format-error.ts";
import {
  type Dtype,
  headerByteLength,
  parseHeader,
  serialiseHeader,
  type TensorInfo,
} from "../../bytes/safetensors.ts";
import { bytesOf } from "../../train/runtime/byte-chunks.ts";
import { replaceFileWith } from "../files/replace-file.ts";
import { MAX_HEADER_BYTES } from "../files/stated-bytes.ts";
import type { TaskFile, TaskFolder } from "./task-folder.ts";

export interface NamedTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** All numbers, or a piece at a time. */
  readonly data: Float32Array | Float64Array | Iterable<Float32Array> | AsyncIterable<Float32Array>;
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
      for (const { data } of tensors) {
        for await (const piece of ArrayBuffer.isView(data) ? [data] : data) await put(bytesOf(piece));
      }
    });
    await files.adopt(scratch, file);
  });
  return { file, sha256: hash.digest("hex"), byteLength };
}

const notWritten = (path: string): Error =>
  new Error(`${path} is not what its task wrote: remove it and run the task again`);

/**
 * Reads such a file, and returns a function that returns the bytes of a tensor. Throws an Error if the file is not the one that its
 * task wrote.
 */
export async function readTensors(
  { files }: TaskFolder,
  { file, sha256 }: TaskFile,
): Promise<(name: string) => Uint8Array> {
  const path = files.shown(file);
  const bytes = new Uint8Array((await files.read(file))?.bytes ?? []); // a copy, in which numbers can begin
  if (createHash("sha256").update(bytes).digest("hex") !== sha256) throw notWritten(path);
  const { tensors, byteLength } = parseHeader(bytes, bytes.byteLength);
  return (wanted) => {
    const found = tensors.find(({ name }) => name === wanted);
    if (found === undefined) throw new Error(`${path} has no tensor ${JSON.stringify(wanted)}`);
    return bytes.subarray(byteLength + found.begin, byteLength + found.end);
  };
}

/** The bytes of the length of a header. */
const LENGTH_BYTES = 8;
/** Bytes that are read at a time: some numbers of any kind. */
const PIECE_BYTES = 2 ** 20;

/**
 * Reads a large one a piece at a time: calls `take` for each piece of each tensor, in their order. The next piece overwrites the last.
 * Throws an Error at the end if the file is not the one that its task wrote.
 */
export async function takeTensors(
  { files }: TaskFolder,
  { file, sha256, byteLength }: TaskFile,
  take: (tensor: TensorInfo, piece: Uint8Array) => void,
): Promise<void> {
  const path = files.shown(file);
  const opened = await files.open(file);
  try {
    if (opened.byteLength !== byteLength) throw notWritten(path);
    const hash = createHash("sha256");
    const next = async (position: number, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> => {
      await opened.fill(position, bytes);
      hash.update(bytes);
      return bytes;
    };
    const headerBytes = headerByteLength(await opened.read(0, LENGTH_BYTES), byteLength, MAX_HEADER_BYTES);
    const { tensors } = parseHeader(await next(0, new Uint8Array(headerBytes)), byteLength);
    const buffer = new Uint8Array(Math.min(PIECE_BYTES, byteLength)); // new ones would wait for the garbage collector
    for (const tensor of tensors) {
      for (let at = tensor.begin; at < tensor.end; at += PIECE_BYTES) {
        take(tensor, await next(headerBytes + at, buffer.subarray(0, tensor.end - at)));
      }
    }
    if (hash.digest("hex") !== sha256) throw notWritten(path);
  } catch (error) {
    throw error instanceof FormatError ? notWritten(path) : error;
  } finally {
    await opened.close();
  }
}

/** Returns the numbers of a tensor. */
export const floatsIn = ({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array =>
  new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT);

/** Returns the numbers of a tensor of f64. */
export const doublesIn = ({ buffer, byteOffset, byteLength }: Uint8Array): Float64Array =>
  new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT);
