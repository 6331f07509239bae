import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createFile } from "../files/create-file.ts";
import { naming } from "../files/input-file.ts";
import { makeFolder } from "../files/make-folder.ts";
import { describeOwner, isGone, ownerIn, thisOwner } from "./lock-owner.ts";
import { readFirst } from "./read-first.ts";

/*
 * A lock is a file that names its owner. It is created by a link, so that it is complete and only one process can create it.
 *
 * The lock of a dead owner remains. A process that finds it may remove it at once if the owner ran on the same system, and
 * otherwise after it has watched the lock for LEASE_MS. No clocks are compared. An owner that has held a lock for half of that
 * time no longer touches the lock or the protected files. To remove a lock, a process first takes a removal lock, whose name is
 * derived from the lock's content, and then reads the lock again. So no process removes the lock of a later owner.
 */

/** A lock that has not changed for this time is abandoned. Locks are held for a few file operations only. */
const LEASE_MS = 60_000;
/** The maximum time between two looks at a lock that another process holds. */
const POLL_MS = 25;
/** The locks of this program are shorter. */
const MAX_LOCK_BYTES = 4096;
/** A longer wait is reported. */
const REPORT_MS = 2_000;

export interface LockOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** Receives notes about long waits and removed locks. */
  readonly onNote?: (note: string) => void;
  readonly leaseMs?: number;
}

/** Runs `action` while this process holds the lock at `path`. The `checkHeld` passed to it throws if that takes too long. */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  action: (checkHeld: () => void) => Promise<T>,
): Promise<T> {
  const { leaseMs = LEASE_MS } = options;
  await makeFolder(dirname(path));
  await take(path, options);
  const until = performance.now() + leaseMs / 2;
  const isHeld = (): boolean => performance.now() < until;
  try {
    return await action(() => {
      if (isHeld()) return;
      throw new Error(`${path}: the lock has expired because this process was suspended: try again`);
    });
  } finally {
    if (isHeld()) await rm(path, { force: true });
  }
}

async function take(path: string, options: LockOptions): Promise<void> {
  const { signal, onNote = () => {}, leaseMs = LEASE_MS } = options;
  const ownText = JSON.stringify(thisOwner());
  let watched = { text: "", since: performance.now() };
  const start = performance.now();
  let isReported = false;
  while (!(await createFile(path, new TextEncoder().encode(ownText)))) {
    signal?.throwIfAborted();
    const text = await readIfThere(path);
    if (text === undefined) continue;
    if (text === ownText) return; // a network file system created the link, but its answer was lost
    const now = performance.now();
    if (text !== watched.text) watched = { text, since: now };
    const owner = ownerIn(text);
    if ((owner && isGone(owner)) || now - watched.since >= leaseMs) {
      await remove(path, text, options);
      onNote(`removed the lock ${path} of ${describeOwner(owner)}, which ended without removing it`);
      continue;
    }
    if (!isReported && now - start > REPORT_MS) {
      isReported = true;
      onNote(`waiting for the lock ${path} of ${describeOwner(owner)}`);
    }
    await sleep(POLL_MS * Math.random(), undefined, signal && { signal });
  }
}

/** Removes the lock if it still has this text. */
async function remove(path: string, text: string, options: LockOptions): Promise<void> {
  const removal = `${path}.${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
  await withLock(removal, options, async () => {
    if ((await readIfThere(path)) === text) await rm(path, { force: true });
  });
}

async function readIfThere(path: string): Promise<string | undefined> {
  const bytes = await naming(path, () => readFirst(path, MAX_LOCK_BYTES));
  return bytes && new TextDecoder().decode(bytes);
}
