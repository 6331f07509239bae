import { rmSync } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { holdSignals } from "../process/interruption.ts";
import { placed } from "../process/placing.ts";
import { temporaryPath } from "../process/temporary-files.ts";
import { syncFolder } from "./replace-file.ts";

/**
 * Writes `bytes` to `path` unless something exists there, and returns whether it did. As with replaceFile, the file is
 * complete or absent, even after a crash: it writes a temporary file beside it, calls fsync, links it, and calls fsync for
 * the folder.
 */
export async function createFile(path: string, bytes: Uint8Array): Promise<boolean> {
  const folder = dirname(path);
  const temporary = temporaryPath(path);
  const hold = holdSignals(() => rmSync(temporary, { force: true }));
  try {
    await writeNewFile(temporary, bytes);
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw placed(path, error);
  } finally {
    await rm(temporary, { force: true });
    hold.release();
  }
  await syncFolder(folder);
  return true;
}

/** Writes `bytes` to a path where nothing is, and calls fsync for the file. */
export async function writeNewFile(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
