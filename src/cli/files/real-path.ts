import { readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isSystemError } from "../process/system-error.ts";

/**
 * The real path of the file that a path names: behind symbolic links, of the file and of its folders, the one that they point
 * to, whether that is there or not.
 */
export async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isSystemError(error) || error.code !== "ENOENT") throw error;
    const link = await readlink(path).catch(() => undefined);
    if (link !== undefined) return realPathOf(resolve(dirname(path), link));
    const folder = await realpath(dirname(path)).catch(() => dirname(path));
    return join(folder, basename(path));
  }
}
