import { rmSync } from "node:fs";
import { type FileHandle, open, readlink, realpath, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { holdSignals } from "../process/interruption.ts";
import { placed } from "../process/placing.ts";
import { isSystemError } from "../process/system-error.ts";
import { temporaryPath } from "../process/temporary-files.ts";

/** Writes `bytes` to `path` atomically, as replaceFileWith does. */
export const replaceFile = (path: string, bytes: Uint8Array): Promise<void> =>
  replaceFileWith(path, (file) => file.writeFile(bytes));

/**
 * Replaces the file at `path` by one that `write` fills. At any time the path has the old file or the complete new one, even
 * after a crash: it writes a temporary file beside it, calls fsync, renames it, and calls fsync for the folder. A failure
 * leaves the old file unchanged. A symbolic link stays one: the file that it names is replaced.
 */
export async function replaceFileWith<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const target = await namedBy(path);
  const temporary = temporaryPath(target);
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
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw placed(path, error);
  } finally {
    hold.release();
  }
  await syncFolder(dirname(target));
  return result;
}

/** The file that a path names: behind a symbolic link the file that it points to, whether that is there or not. */
async function namedBy(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isSystemError(error) || error.code !== "ENOENT") throw error;
    const link = await readlink(path).catch(() => undefined);
    return link === undefined ? path : namedBy(resolve(dirname(path), link));
  }
}

/** Makes renames and links in a folder durable. Windows can't open folders and does not need this. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
