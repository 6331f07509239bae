import { open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryPath } from "../temporary-files.ts";
import { type OpenedFile, openedFile } from "./file.ts";

/** What stands for standard input where a file could be named. */
export const STANDARD_INPUT = "-";

/** All that a stream gives, as a file that can be read anywhere: one without a name, gone when it is closed. */
export async function openStandardInput(stream: AsyncIterable<Uint8Array>): Promise<OpenedFile> {
  const path = temporaryPath(join(tmpdir(), "standard-input"));
  const handle = await open(path, "wx+", 0o600);
  try {
    await unlink(path);
    let byteLength = 0;
    for await (const piece of stream) {
      for (let at = 0; at < piece.byteLength; ) {
        const { bytesWritten } = await handle.write(piece, at, piece.byteLength - at, byteLength);
        at += bytesWritten;
        byteLength += bytesWritten;
      }
    }
    return openedFile(handle, "standard input", byteLength);
  } catch (error) {
    await handle.close();
    throw error;
  }
}
