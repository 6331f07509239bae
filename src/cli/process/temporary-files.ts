import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { lstat, readdir, readFile, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { type Io, printLines } from "./io.ts";

/*
 * The name of a temporary file names its owner: .<name>.midx-<host>-<pid>-<start>-<random>.tmp. A killed process can't
 * remove its own files, so the next command that writes to the folder does, if the owner ran on this host and has ended.
 */

const PATTERN = /\.midx-([0-9a-f]{12})-([1-9]\d{0,9})-(\d{1,20})-[0-9a-f]{16}\.tmp$/;

/** The time since the last write before a file may be removed, in milliseconds. */
const LEAST_AGE = 60_000;

/** Returns a new name beside `path`, for a file that will replace it or that is used only while this process runs. */
export function temporaryPath(path: string): string {
  const random = randomBytes(8).toString("hex");
  const owner = `midx-${thisHost()}-${process.pid}-${startOf(process.pid) ?? 0}`;
  return join(dirname(path), `.${basename(path)}.${owner}-${random}.tmp`);
}

/** Tells the path of a temporary file. */
export const isTemporary = (path: string): boolean => PATTERN.test(path);

export interface Swept {
  /** The names of the removed files. */
  readonly removed: readonly string[];
  readonly bytes: number;
}

/**
 * Removes the temporary files in `folder` whose owners ran on this host and have ended, if they have not been written to for
 * a minute. Files of other hosts, which may share the disk, stay. So do files that can't be read or removed.
 */
export async function sweepTemporaryFiles(folder: string, now: number = Date.now()): Promise<Swept> {
  const removed: string[] = [];
  let bytes = 0;
  const host = thisHost();
  for (const name of await readdir(folder).catch(() => [])) {
    const [, of, pid, start] = PATTERN.exec(name) ?? [];
    if (of !== host || (await isRunning(Number(pid), Number(start)))) continue;
    const path = join(folder, name);
    try {
      const stat = await lstat(path);
      if (!stat.isFile() || now - stat.mtimeMs < LEAST_AGE) continue;
      await unlink(path);
      removed.push(name);
      bytes += stat.size;
    } catch {
      // Another command may have removed the file, or it belongs to another user.
    }
  }
  return { removed, bytes };
}

/** Sweeps a folder and prints the files it removed. */
export async function sweepFolder(folder: string, io: Io): Promise<void> {
  const { removed, bytes } = await sweepTemporaryFiles(folder);
  if (removed.length === 0) return;
  const files = removed.length === 1 ? "a temporary file" : `${removed.length} temporary files`;
  printLines(io.stderr, [`removed ${files} (${bytes} bytes) of a killed command in ${folder}`]);
}

let hostDigest: string | undefined;

/**
 * Identifies the scope of process ids: the machine and, on Linux, the namespace of process ids. Each container has its own.
 */
function thisHost(): string {
  hostDigest ??= createHash("sha256")
    .update([hostname(), textOf(() => readFileSync("/etc/machine-id", "utf8")), textOf(namespaceOfPids)].join("\n"))
    .digest("hex")
    .slice(0, 12);
  return hostDigest;
}

const namespaceOfPids = (): string => readlinkSync("/proc/self/ns/pid");

function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

/** Returns whether the process with this start time still runs. Another process may have its id by now. */
async function isRunning(pid: number, start: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
  const found = await readFile(`/proc/${pid}/stat`, "utf8").then(startIn, () => undefined);
  return found === undefined || start === 0 || found === start;
}

/** Returns the start time of a process in ticks since the system booted. Undefined if the system does not tell. */
function startOf(pid: number): number | undefined {
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat === "" ? undefined : startIn(stat);
}

/** Reads field 22. The second field is the name of the program in parentheses, which may contain anything. */
const startIn = (stat: string): number => Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
