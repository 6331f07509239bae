import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { folderOf } from "../../publication/pointer.ts";
import type { SegmentStore } from "../../publication/segments/segment-store.ts";
import { isSystemError, systemMessage } from "../process/system-error.ts";
import type { LockOptions } from "../publishing/file-lock.ts";
import { folderStore, keysIn } from "../publishing/folder-store.ts";

/** A length above that of any set: a write of 16 MiB and 1,000 classes makes a shorter one. */
const MOST_BYTES = 67_108_864;

/** Keeps a log in a folder. A value is on the disk once its write has ended. */
export function folderSegments(folder: string, options: LockOptions = {}): SegmentStore {
  const { name, get, put } = folderStore(folder, options);
  return {
    name,
    get: (key) => told(get(key, MOST_BYTES)),
    has: (key) => told(isFile(join(folder, key))),
    async list(prefix, behind) {
      const keys = await told(keysIn(folder, folderOf(prefix)));
      return keys.filter((key) => key.startsWith(prefix) && key > behind).sort();
    },
    put: (key, bytes, condition) => told(put(key, bytes, condition)),
    remove: (key) => told(rm(join(folder, key), { force: true })),
  };
}

/** Errors of a log are answers of a service, too, so they say what the system means, and name no temporary file. */
async function told<T>(action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw isSystemError(error) ? new Error(systemMessage(error), { cause: error }) : error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
