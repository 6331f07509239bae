import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** The owner of a lock, as stored in the lock's file. */
export interface LockOwner {
  readonly host: string;
  /** The boot id and the namespace of process ids in which `pid` is valid. Empty if the system does not tell. */
  readonly system: string;
  readonly pid: number;
  /** The start time of that process in the system's clock, since ids are reused. Empty if the system does not tell. */
  readonly started: string;
  readonly since: string;
  /** Different for every lock. */
  readonly token: string;
}

/** Returns this process as the owner of a new lock. */
export const thisOwner = (): LockOwner => ({
  host: hostname(),
  system: thisSystem(),
  pid: process.pid,
  started: startOf(process.pid),
  since: new Date().toISOString(),
  token: randomUUID(),
});

/** Parses the owner in a lock's file. Returns undefined for any other text. */
export function ownerIn(text: string): LockOwner | undefined {
  try {
    const owner: Partial<LockOwner> | null = JSON.parse(text);
    return typeof owner?.host === "string" && Number.isSafeInteger(owner.pid) ? (owner as LockOwner) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether the owner has certainly ended. For a process of another host or container that can't be known. */
export function isGone(owner: LockOwner): boolean {
  if (owner.host !== hostname() || owner.system !== thisSystem()) return false;
  return !isRunning(owner.pid) || startOf(owner.pid) !== owner.started;
}

export const describeOwner = (owner: LockOwner | undefined): string =>
  owner ? `process ${owner.pid} on ${owner.host}, since ${owner.since}` : "an unknown process";

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const thisSystem = (): string =>
  ifThere(
    () => `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`,
  );

/** Reads field 22 of /proc/PID/stat. The second field, the program's name, may contain spaces and parentheses. */
const startOf = (pid: number): string =>
  ifThere(() => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19] ?? "");

/** Returns the result of `read`, or an empty text on systems without these files of Linux. */
function ifThere(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
