import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { isSystemError } from "../process/system-error.ts";

/**
 * Creates a folder with those above it, unless it is there. Node's `recursive` never returns where no folder can be made in one
 * that exists, as in /proc, and says on a read-only file system that the folder is not there.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if (parent === path || !isSystemError(error) || error.code !== "ENOENT") throw error;
    await makeFolder(parent);
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (!(await isFolder(path))) throw error;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
