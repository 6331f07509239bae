import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { SegmentStore } from "../../publication/segments/segment-store.ts";
import type { LockOptions } from "../publishing/file-lock.ts";
import { folderStore } from "../publishing/folder-store.ts";

/** A length above that of any set: a write of 16 MiB and 1,000 classes makes a shorter one. */
const MOST_BYTES = 67_108_864;

/** Keeps a log in a folder. A value is on the disk once its write has ended. */
export function folderSegments(folder: string, options: LockOptions = {}): SegmentStore {
  const { name, get, put } = folderStore(folder, options);
  return {
    ...{ name, put },
    get: (key) => get(key, MOST_BYTES),
    async has(key) {
      try {
        return (await stat(join(folder, key))).isFile();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
        throw error;
      }
    },
    remove: (key) => rm(join(folder, key), { force: true }),
  };
}
