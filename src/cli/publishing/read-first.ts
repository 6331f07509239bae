import { open } from "node:fs/promises";
import { expectFile } from "../files/file-kind.ts";

/**
 * Reads at most the first `limit` bytes of a file. Returns undefined if nothing exists there.
 *
 * @throws RangeError for anything but a regular file: a pipe could block its reader, and a device may never end
 */
export async function readFirst(path: string, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    await expectFile(path);
    const file = await open(path);
    try {
      const bytes = new Uint8Array(Math.min((await file.stat()).size, limit));
      let filled = 0;
      while (filled < bytes.byteLength) {
        const { bytesRead } = await file.read(bytes, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
