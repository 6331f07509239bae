import { open } from "node:fs/promises";
import { FormatError } from "../../errors.ts";

/** A regular file, read in pieces at stated places. */
export interface InputFile {
  readonly path: string;
  readonly byteLength: number;
  /** `byteCount` bytes from byte `position` on; FormatError file-truncated if the file ends before. */
  read(position: number, byteCount: number): Promise<Uint8Array<ArrayBuffer>>;
  /** The same into `bytes`, all of them. */
  fill(position: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
}

export async function openFile(path: string): Promise<InputFile> {
  const handle = await open(path, "r");
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    throw new RangeError("not a regular file");
  }
  const fill = async (position: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
    for (let filled = 0; filled < bytes.byteLength; ) {
      const missing = bytes.byteLength - filled;
      const { bytesRead } = await handle.read(bytes, filled, missing, position + filled);
      if (bytesRead === 0) throw new FormatError("file-truncated", position + filled, `${missing} bytes are missing`);
      filled += bytesRead;
    }
  };
  return {
    path,
    byteLength: stat.size,
    async read(position, byteCount) {
      const bytes = new Uint8Array(byteCount);
      await fill(position, bytes);
      return bytes;
    },
    fill,
    close: () => handle.close(),
  };
}

/** Runs `action` and puts the file's path in front of what it throws. */
export async function naming<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw nameFile(path, error);
  }
}

/** System errors name their file already. */
export function nameFile(path: string, error: unknown): unknown {
  if (error instanceof Error && !error.message.includes(path)) error.message = `${path}: ${error.message}`;
  return error;
}
