import { type Dirent, rmSync } from "node:fs";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { sha256 } from "../../bytes/sha256.ts";
import { MAX_PART_BYTES } from "../../publication/pointer.ts";
import type { StoredValue } from "../../publication/publishing/publication-store.ts";
import { createFile } from "../files/create-file.ts";
import { makeFolder } from "../files/make-folder.ts";
import { replaceFile, replaceFileWith, syncFolder } from "../files/replace-file.ts";
import { holdSignals } from "../process/interruption.ts";
import { temporaryPath } from "../process/temporary-files.ts";
import { type LockOptions, withLock } from "./file-lock.ts";
import { readFirst } from "./read-first.ts";
import type { Listed, Store } from "./store.ts";

/**
 * Stores values as files in a folder, such as the static assets of a Worker, and creates folders as needed. A file is
 * complete or absent, even after a crash. Conditions hold for any number of writers: a link creates an absent file only
 * once, and a file is compared and replaced under a lock beside it.
 */
export function folderStore(folder: string, options: LockOptions = {}): Store {
  return {
    name: `folder ${folder}`,
    get: (key, maxBytes = MAX_PART_BYTES) => readIfThere(join(folder, key), maxBytes),
    async put(key, bytes, condition) {
      const path = join(folder, key);
      await makeFolder(dirname(path));
      if (condition === "absent") return createFile(path, bytes);
      if (condition) return replaceWhereIs(path, bytes, condition.etag, options);
      await replaceFile(path, bytes);
      return true;
    },
    async list(below) {
      const listed: Listed[] = [];
      for (const key of await keysIn(folder, below)) {
        const found = await stat(join(folder, key)).catch(() => undefined); // somebody may have removed it
        if (found) listed.push({ key, writtenAt: found.mtimeMs });
      }
      return listed;
    },
    async remove(key) {
      const path = join(folder, key);
      await rm(path, { force: true });
      await syncFolder(dirname(path));
    },
    time: () => timeIn(folder),
    async close() {},
  };
}

/** Returns the remedy for an error of the file system. */
export function folderRemedy(error: unknown): string {
  if (error instanceof RangeError) return IN_THE_WAY; // the path is not a file
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return REMEDIES[code ?? ""] ?? "nothing that is published has changed, so you may run the command again";
}

const ELSEWHERE = "choose a folder that this user may write to";
const IN_THE_WAY = "choose another folder or --key, or move the existing one away";
const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: ELSEWHERE,
  EPERM: ELSEWHERE,
  EROFS: ELSEWHERE,
  ENOSPC: "free space on that disk and run the command again",
  EDQUOT: "free space on that disk and run the command again",
  EISDIR: IN_THE_WAY,
  ENOTDIR: IN_THE_WAY,
  EEXIST: IN_THE_WAY,
};

/** Lists the files in a folder below that of a store, by their keys. */
export async function keysIn(folder: string, below: string): Promise<string[]> {
  const entries = await entriesOf(join(folder, below));
  return entries.filter((entry) => entry.isFile()).map(({ name }) => below + name);
}

async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Returns the time that a file written now gets: that of the server, if the folder is on one. Undefined if none can be written. */
async function timeIn(folder: string): Promise<number | undefined> {
  const path = temporaryPath(join(folder, "time"));
  const hold = holdSignals(() => rmSync(path, { force: true }));
  try {
    await writeFile(path, "now");
    return (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  } finally {
    await rm(path, { force: true });
    hold.release();
  }
}

/** Replaces a file whose etag is still the same. Returns false if the file has changed. */
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
  const bytes = await readFirst(path, maxBytes + 1);
  return bytes && { bytes, etag: await sha256(bytes) };
}
