import { mkdir } from "node:fs/promises";
import { isSystemError } from "../process/system-error.ts";

/** Creates a folder with those above it, unless it is there. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    // On a read-only file system, Node says that the folder is not there. Creating it alone tells why.
    if (isSystemError(error) && error.code === "ENOENT" && error.path !== undefined) await mkdir(error.path);
    throw error;
  }
}
