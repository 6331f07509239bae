import { constants } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import { FormatError } from "../../bytes/format-error.ts";
import { headerByteLength, parseHeader } from "../../bytes/safetensors.ts";
import { MAX_HEADER_BYTES as MAX_INDEX_HEADER_BYTES } from "../../format/header.ts";
import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import { expectReadable } from "./file-kind.ts";

/** The limit of the safetensors library itself. */
export const MAX_HEADER_BYTES = 100_000_000;
const READ_BYTES = 2 ** 26;

/** Reads all bytes of an index file, as readStated does. An index of more bytes than WebAssembly can address is refused. */
export const readIndexFile = (path: string): Promise<Uint8Array<ArrayBuffer>> =>
  readStated(path, MAX_INDEX_HEADER_BYTES, ADDRESSABLE_BYTES);

/** Reads all bytes of a checkpoint, as readStated does. With its optimizer, it has four or five times the bytes of the model. */
export const readCheckpointFile = (path: string): Promise<Uint8Array<ArrayBuffer>> =>
  readStated(path, MAX_HEADER_BYTES, constants.MAX_LENGTH);

/**
 * Reads all bytes of a safetensors file: its header first, and then exactly the bytes that the header states. So a pipe or a
 * device that never ends is refused as soon as its header is wrong.
 *
 * @throws FormatError of headerByteLength and parseHeader; RangeError for a folder, a socket or a file that is too large
 */
async function readStated(path: string, maxHeaderBytes: number, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  await expectReadable(path);
  const handle = await open(path, "r");
  try {
    const stat = await handle.stat();
    const fileBytes = stat.isFile() ? stat.size : undefined;
    const first8 = new Uint8Array(8);
    const got = await fill(handle, first8);
    if (got === 0) throw new FormatError("file-truncated", 0, "the file is empty");
    const header = new Uint8Array(headerByteLength(first8.subarray(0, got), fileBytes, maxHeaderBytes));
    header.set(first8);
    expectEnd(8 + (await fill(handle, header.subarray(8))), header.byteLength, "the header ends");
    const end = header.byteLength + (parseHeader(header, fileBytes).tensors.at(-1)?.end ?? 0);
    if (end > maxBytes) {
      throw new RangeError(`expected at most ${maxBytes} bytes, but its header states ${end}`);
    }
    const bytes = new Uint8Array(end);
    bytes.set(header);
    const tensors = await fill(handle, bytes.subarray(header.byteLength));
    expectEnd(header.byteLength + tensors, end, "the tensors end");
    if ((await fill(handle, new Uint8Array(1))) > 0) {
      throw new FormatError("file-extended", end, `the tensors end at ${end}, but the file is longer`);
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

/**
 * Fills `bytes` from the current position and returns how many were read: fewer than its length only at the end of the file.
 */
async function fill(handle: FileHandle, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  let filled = 0;
  while (filled < bytes.byteLength) {
    const most = Math.min(READ_BYTES, bytes.byteLength - filled);
    const { bytesRead } = await handle.read(bytes, filled, most, null);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

function expectEnd(found: number, expected: number, what: string): void {
  if (found < expected)
    throw new FormatError("file-truncated", found, `${what} at ${expected}, but the file ends at ${found}`);
}
