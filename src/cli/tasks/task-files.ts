import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type InputFile, openFile } from "../files/input-file.ts";
import { makeFolder } from "../files/make-folder.ts";
import { replaceFile, syncFolder } from "../files/replace-file.ts";
import { placing } from "../process/placing.ts";
import { temporaryPath } from "../process/temporary-files.ts";

/** The content of a file that may be replaced. */
export interface Kept {
  readonly bytes: Uint8Array;
  /** The etag, which differs for different bytes, if replacing has a condition. */
  readonly etag?: string;
}

/** The files of a plan: records, parts and the manifest, in a folder or in a bucket. Each is complete or absent. */
export interface TaskFiles {
  /** Milliseconds between two looks whether a task is finished. */
  readonly lookAgain: number;
  /** True if the disk or its cache may hold less of a file than was written, so that the bytes of small files are compared. */
  readonly mayTear: boolean;
  /** Names a file in messages. */
  shown(file: string): string;
  byteLengthOf(file: string): Promise<number | undefined>;
  /** Reads a small file. */
  read(file: string): Promise<Kept | undefined>;
  open(file: string): Promise<InputFile>;
  write(file: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Writes a file if it is still as in `before`. Returns false if another one was written. */
  replace(file: string, bytes: Uint8Array<ArrayBuffer>, before: Kept | undefined): Promise<boolean>;
  /**
   * Runs an action with a new path on this machine for a file in the making, and removes what is left there. An error of the
   * system names the file that it is for.
   */
  withScratch<T>(file: string, action: (scratch: string) => Promise<T>): Promise<T>;
  /** Moves a complete file from its scratch path to its place. */
  adopt(scratch: string, file: string): Promise<void>;
  remove(file: string): Promise<void>;
  /** Lists the files and folders whose names begin in one of these ways. None if they may not be listed. */
  namesWith(beginnings: readonly string[]): Promise<string[]>;
  /** Removes the files of a folder of theirs. */
  removeFolder(folder: string, files: readonly string[]): Promise<void>;
}

/** Runs an action with a new path beside `path` for a temporary file that is for `place`, and then removes the file. */
export async function withTemporary<T>(
  path: string,
  place: string,
  action: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = temporaryPath(path);
  try {
    return await placing(place, () => action(temporary));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The interval of looks in ms, long because the folder may be on a network. */
const LOOK_AGAIN = 500;

/** The files of a plan in a folder, which all machines share. */
export function filesInFolder(folder: string): TaskFiles {
  const at = (file: string): string => join(folder, file);
  const write: TaskFiles["write"] = async (file, bytes) => {
    await makeFolder(dirname(at(file)));
    await replaceFile(at(file), bytes);
  };
  return {
    lookAgain: LOOK_AGAIN,
    mayTear: true,
    shown: at,
    byteLengthOf: (file) => stat(at(file)).then(({ size }) => size, absent),
    read: (file) => readFile(at(file)).then((bytes) => ({ bytes }), absent),
    open: (file) => openFile(at(file)),
    write,
    async replace(file, bytes) {
      await write(file, bytes); // if two builds write into one folder, the last one stays
      return true;
    },
    async withScratch(file, action) {
      await makeFolder(dirname(at(file)));
      return withTemporary(at(file), at(file), action);
    },
    async adopt(scratch, file) {
      await rename(scratch, at(file));
      await syncFolder(dirname(at(file)));
    },
    remove: (file) => rm(at(file), { force: true }),
    async namesWith(beginnings) {
      return (await readdir(folder)).filter((name) => beginnings.some((beginning) => name.startsWith(beginning)));
    },
    removeFolder: (name) => rm(at(name), { recursive: true, force: true }),
  };
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
