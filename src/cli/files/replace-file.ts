import { rmSync } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { holdSignals } from "../process/interruption.ts";
import { placed } from "../process/placing.ts";
import { temporaryPath } from "../process/temporary-files.ts";
import { realPathOf } from "./real-path.ts";

/** Writes `bytes` to `path` atomically, as replaceFileWith does. */
export const replaceFile = (path: string, bytes: Uint8Array): Promise<void> =>
  replaceFileWith(path, (file) => file.writeFile(bytes));

/**
 * Replaces the file at `path` by one that `write` fills. At any time the path has the old file or the complete new one, even
 * after a crash: it writes a temporary file beside it, calls fsync, renames it, and calls fsync for the folder. A failure
 * leaves the old file unchanged. A symbolic link stays one: the file that it names is replaced. The new file has the permissions
 * of the old one, so that a file which only some may read does not become readable to all.
 */
export async function replaceFileWith<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const target = await realPathOf(path);
  const temporary = temporaryPath(target);
  const hold = holdSignals(() => rmSync(temporary, { force: true }));
  let result: T;
  try {
    const mode = await modeOf(target);
    const file = await open(temporary, "wx+", mode);
    try {
      if (mode !== undefined) await file.chmod(mode); // the umask may have taken some away
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

/** The permissions of a file, or undefined if there is none. */
async function modeOf(path: string): Promise<number | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ? stats.mode & 0o777 : undefined;
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
