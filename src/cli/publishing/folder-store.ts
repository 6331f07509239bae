import { type FileHandle, mkdir, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { MAX_PART_BYTES } from "../../pointer.ts";
import { sha256 } from "../../sha256.ts";
import { createFile } from "../create-file.ts";
import { replaceFile, replaceFileWith } from "../replace-file.ts";
import { type LockOptions, withLock } from "./file-lock.ts";
import type { Store, StoredValue } from "./store.ts";

/**
 * Files of a folder, such as the static assets of a Worker; folders are made as needed. A file is there as a whole or not
 * at all, also after a crash. Conditions hold among any number of writers: the file system links one of them what is to
 * be absent, and a file is compared and put in its place under a lock beside it.
 */
export function folderStore(folder: string, options: LockOptions = {}): Store {
  return {
    name: `folder ${folder}`,
    get: (key, maxBytes = MAX_PART_BYTES) => readIfThere(join(folder, key), maxBytes),
    async put(key, bytes, condition) {
      const path = join(folder, key);
      await mkdir(dirname(path), { recursive: true });
      if (condition === "absent") return createFile(path, bytes);
      if (condition) return replaceWhereIs(path, bytes, condition.etag, options);
      await replaceFile(path, bytes);
      return true;
    },
    async close() {},
  };
}

/** What helps where the file system refuses. */
export function folderRemedy(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return REMEDIES[code ?? ""] ?? "nothing that is published has changed, so the command may be given again";
}

const ELSEWHERE = "give a folder that this user may write to";
const IN_THE_WAY = "give another folder or --key, or move what is there out of the way";
const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: ELSEWHERE,
  EPERM: ELSEWHERE,
  EROFS: ELSEWHERE,
  ENOSPC: "make room on that disk and publish again",
  EDQUOT: "make room on that disk and publish again",
  EISDIR: IN_THE_WAY,
  ENOTDIR: IN_THE_WAY,
  EEXIST: IN_THE_WAY,
};

/** False: the file is another one now. */
async function replaceWhereIs(path: string, bytes: Uint8Array, etag: string, options: LockOptions): Promise<boolean> {
  const changed = new Error(`${path} has changed`);
  try {
    await withLock(join(dirname(path), `.${basename(path)}.lock`), options, (checkHeld) =>
      replaceFileWith(path, async (file) => {
        await file.writeFile(bytes);
        await file.sync();
        if ((await readIfThere(path, MAX_PART_BYTES))?.etag !== etag) throw changed;
        checkHeld();
      }),
    );
    return true;
  } catch (error) {
    if (error === changed) return false;
    throw error;
  }
}

async function readIfThere(path: string, maxBytes: number): Promise<StoredValue | undefined> {
  try {
    const file = await open(path);
    try {
      const bytes = await readFrom(file, maxBytes + 1);
      return { bytes, etag: await sha256(bytes) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** All bytes of a file, or the first `limit` of them. */
async function readFrom(file: FileHandle, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(Math.min((await file.stat()).size, limit));
  let filled = 0;
  while (filled < bytes.byteLength) {
    const { bytesRead } = await file.read(bytes, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
