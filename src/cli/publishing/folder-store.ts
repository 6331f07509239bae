import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256 } from "../../sha256.ts";
import { createFile } from "../create-file.ts";
import { replaceFile, replaceFileWith } from "../replace-file.ts";
import type { Store } from "./store.ts";

/**
 * Files of a folder, such as the static assets of a Worker; folders are made as needed. A file is there as a whole or not
 * at all, also after a crash. "absent" holds among any number of writers; a comparison comes right before the file is
 * put in its place, and two writers that both get there between the two are not told.
 */
export function folderStore(folder: string): Store {
  return {
    name: `folder ${folder}`,
    async get(key) {
      const bytes = await readIfThere(join(folder, key));
      return bytes && { bytes, etag: await sha256(bytes) };
    },
    async put(key, bytes, condition) {
      const path = join(folder, key);
      await mkdir(dirname(path), { recursive: true });
      if (condition === "absent") return createFile(path, bytes);
      if (condition) return replaceWhereIs(path, bytes, condition.etag);
      await replaceFile(path, bytes);
      return true;
    },
    async close() {},
  };
}

/** False: the file is another one now. */
async function replaceWhereIs(path: string, bytes: Uint8Array, etag: string): Promise<boolean> {
  const changed = new Error(`${path} has changed`);
  try {
    await replaceFileWith(path, async (file) => {
      await file.writeFile(bytes);
      await file.sync();
      const there = await readIfThere(path);
      if (!there || (await sha256(there)) !== etag) throw changed;
    });
    return true;
  } catch (error) {
    if (error === changed) return false;
    throw error;
  }
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
