import { rmSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { holdSignals } from "../process/interruption.ts";
import { isSystemError } from "../process/system-error.ts";
import { temporaryPath } from "../process/temporary-files.ts";

/** Writes `bytes` to `path`, as replaceFileWith. */
export const replaceFile = (path: string, bytes: Uint8Array): Promise<void> =>
  replaceFileWith(path, (file) => file.writeFile(bytes));

/**
 * Has `write` fill a new file for `path` so that at any time the file there is the old one or the whole new one, also
 * after a crash: a temporary file beside it, fsync, rename, fsync of the folder. A failure leaves the old file as it was.
 */
export async function replaceFileWith<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const folder = dirname(path);
  const temporary = temporaryPath(path);
  const hold = holdSignals(() => rmSync(temporary, { force: true }));
  let result: T;
  try {
    const file = await open(temporary, "wx+");
    try {
      result = await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (isSystemError(error)) error.path = path; // the temporary file is none that the user knows
    throw error;
  } finally {
    hold.release();
  }
  await syncFolder(folder);
  return result;
}

/** Makes what was renamed or linked in a folder durable. Windows can't open folders and doesn't need it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
