import type { Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { FormatError } from "../../bytes/format-error.ts";
import { printable } from "../process/printable.ts";
import { isSystemError } from "../process/system-error.ts";
import { expectFile } from "./file-kind.ts";

/** A regular file, or a part of one, that is read in pieces at any position. */
export interface InputFile {
  readonly path: string;
  readonly byteLength: number;
  /**
   * Reads `byteCount` bytes at `position`. Throws FormatError file-truncated, before it allocates, if the file is too short.
   */
  read(position: number, byteCount: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Fills `bytes` from `position` on. */
  fill(position: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Throws an Error if the file has changed since it was opened. Only a file on this machine, whose bytes are at hand, has it. */
  checkUnchanged?(): Promise<void>;
  close(): Promise<void>;
}

/** An open file. */
export interface OpenedFile extends InputFile {
  readonly fd: number;
}

/** Opens a regular file. Throws a RangeError for anything else. */
export async function openFile(path: string): Promise<OpenedFile> {
  await expectFile(path);
  const handle = await open(path, "r");
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    throw new RangeError("not a regular file");
  }
  return openedFile(handle, path, stat);
}

export function openedFile(
  handle: FileHandle,
  path: string,
  { size: byteLength, mtimeMs }: Pick<Stats, "size" | "mtimeMs">,
): OpenedFile {
  const fill = async (position: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
    for (let filled = 0; filled < bytes.byteLength; ) {
      const missing = bytes.byteLength - filled;
      const { bytesRead } = await handle.read(bytes, filled, missing, position + filled);
      if (bytesRead === 0) throw truncated(position + filled, missing);
      filled += bytesRead;
    }
  };
  return {
    fd: handle.fd,
    path,
    byteLength,
    read: readWith(byteLength, fill),
    fill,
    async checkUnchanged() {
      const now = await handle.stat();
      if (now.size === byteLength && now.mtimeMs === mtimeMs) return;
      throw new Error("the file has changed since it was first read: run the command again, with a file that stays");
    },
    close: () => handle.close(),
  };
}

/** Implements `read` with `fill`. */
export const readWith =
  (byteLength: number, fill: InputFile["fill"]): InputFile["read"] =>
  async (position, byteCount) => {
    if (position + byteCount > byteLength) throw truncated(byteLength, position + byteCount - byteLength);
    const bytes = new Uint8Array(byteCount);
    await fill(position, bytes);
    return bytes;
  };

export const truncated = (offset: number, missing: number): FormatError =>
  new FormatError("file-truncated", offset, `${missing} bytes are missing`);

/** Runs `action` and puts the path of the file in front of the messages of its errors. */
export async function naming<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw nameFile(path, error);
  }
}

/** Like `naming`, for an iterable. */
export async function* namingAll<T>(path: string, pieces: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* pieces;
  } catch (error) {
    throw nameFile(path, error);
  }
}

function nameFile(path: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (isSystemError(error)) error.path ??= path;
  else if (!error.message.includes(`${printable(path)}: `)) error.message = `${printable(path)}: ${error.message}`;
  return error;
}
