import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { lstat, readdir, readFile, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { type Io, printLines } from "./io.ts";

/*
 * Temporary files carry the name of their owner: .<name>.midx-<host>-<pid>-<start>-<random>.tmp. A process that was killed
 * could not remove its own, so the next command that writes to the folder does: if the owner ran on this host and is gone.
 */

const PATTERN = /\.midx-([0-9a-f]{12})-([1-9]\d{0,9})-(\d{1,20})-[0-9a-f]{16}\.tmp$/;

/** How long nobody must have written to a file before it is removed, in milliseconds. */
const LEAST_AGE = 60_000;

/** A new name beside `path` for a file that is to take its place, or for one that is in use no longer than this process. */
export function temporaryPath(path: string): string {
  const random = randomBytes(8).toString("hex");
  const owner = `midx-${thisHost()}-${process.pid}-${startOf(process.pid) ?? 0}`;
  return join(dirname(path), `.${basename(path)}.${owner}-${random}.tmp`);
}

export interface Swept {
  /** Names in the folder. */
  readonly removed: readonly string[];
  readonly bytes: number;
}

/**
 * Removes the temporary files in `folder` whose owners ran on this host and have ended, if nobody has written to them for a
 * minute. Files of other hosts, which may share the disk, stay, and so does what can't be looked at or removed.
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
      // Another command may have removed it, or it belongs to another user.
    }
  }
  return { removed, bytes };
}

/** The same, and says what it removed. */
export async function sweepFolder(folder: string, io: Io): Promise<void> {
  const { removed, bytes } = await sweepTemporaryFiles(folder);
  if (removed.length === 0) return;
  const files = removed.length === 1 ? "a temporary file" : `${removed.length} temporary files`;
  printLines(io.stderr, [`removed ${files} (${bytes} bytes) that a killed command had left in ${folder}`]);
}

let hostDigest: string | undefined;

/** Where process ids mean the same: a machine, and on Linux a namespace of process ids, which a container has of its own. */
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

/** Whether the process that started then is there: another one may have its number by now. */
async function isRunning(pid: number, start: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
  const found = await readFile(`/proc/${pid}/stat`, "utf8").then(startIn, () => undefined);
  return found === undefined || start === 0 || found === start;
}

/** When a process started, in the system's ticks since it booted; undefined where the system does not say. */
function startOf(pid: number): number | undefined {
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat === "" ? undefined : startIn(stat);
}

/** Field 22. The second field is the name of the program in parentheses, which may hold anything. */
const startIn = (stat: string): number => Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
