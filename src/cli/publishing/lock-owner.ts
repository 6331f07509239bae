import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Who holds a lock, as the lock's file says it. */
export interface LockOwner {
  readonly host: string;
  /** The boot and the namespace of process ids that `pid` is one of; empty where the system does not say. */
  readonly system: string;
  readonly pid: number;
  /** When that process started, in the system's own clock, since ids are used again; empty where it does not say. */
  readonly started: string;
  readonly since: string;
  /** Different for every lock. */
  readonly token: string;
}

/** This process, as the owner of another lock each time. */
export const thisOwner = (): LockOwner => ({
  host: hostname(),
  system: thisSystem(),
  pid: process.pid,
  started: startOf(process.pid),
  since: new Date().toISOString(),
  token: randomUUID(),
});

/** The owner in the text of a lock's file; undefined where it is no such text. */
export function ownerIn(text: string): LockOwner | undefined {
  try {
    const owner: Partial<LockOwner> | null = JSON.parse(text);
    return typeof owner?.host === "string" && Number.isSafeInteger(owner.pid) ? (owner as LockOwner) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the owner certainly runs no more. Nobody can say that of a process of another host or container. */
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

/** Field 22 of /proc/PID/stat. The name of the program, the second one, may have blanks and parentheses in it. */
const startOf = (pid: number): string =>
  ifThere(() => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19] ?? "");

/** Linux alone has these files. */
function ifThere(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
