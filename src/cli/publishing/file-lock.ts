import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createFile } from "../files/create-file.ts";
import { naming } from "../files/input-file.ts";
import { describeOwner, isGone, ownerIn, thisOwner } from "./lock-owner.ts";
import { readFirst } from "./read-first.ts";

/*
 * A lock is a file that names its owner, made by a link, so that it is there as a whole and one process alone has made it.
 *
 * A lock whose owner has died stays. Whoever finds it may remove it at once where the owner ran on the same system, and
 * after having watched it for LEASE_MS otherwise: no clocks are compared. An owner does not touch what it protects, nor
 * the lock, once it has held the lock for half as long. Only who holds the lock of a removal, which is named by the lock
 * that is to be removed, removes it, after having read it again: so nobody removes the lock of a later owner.
 */

/** A lock that has been the same for this long is abandoned. It is held for some file operations only. */
const LEASE_MS = 60_000;
/** Time between looks at a lock that another process holds, at most. */
const POLL_MS = 25;
/** A lock of this program is shorter. */
const MAX_LOCK_BYTES = 4096;
/** A wait that lasts longer is told. */
const TELL_MS = 2_000;

export interface LockOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** Told what is waited for, and which lock was removed. */
  readonly onNote?: (note: string) => void;
  readonly leaseMs?: number;
}

/** Runs `action` while this process holds the lock at `path`. What it is given throws where it has been held for too long. */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  action: (checkHeld: () => void) => Promise<T>,
): Promise<T> {
  const { leaseMs = LEASE_MS } = options;
  await mkdir(dirname(path), { recursive: true });
  await take(path, options);
  const until = performance.now() + leaseMs / 2;
  const isHeld = (): boolean => performance.now() < until;
  try {
    return await action(() => {
      if (isHeld()) return;
      throw new Error(`${path}: this process was stopped for so long that its lock is not safe any more: try again`);
    });
  } finally {
    if (isHeld()) await rm(path, { force: true });
  }
}

async function take(path: string, options: LockOptions): Promise<void> {
  const { signal, onNote = () => {}, leaseMs = LEASE_MS } = options;
  const mine = JSON.stringify(thisOwner());
  let watched = { text: "", since: performance.now() };
  const begun = performance.now();
  let isTold = false;
  while (!(await createFile(path, new TextEncoder().encode(mine)))) {
    signal?.throwIfAborted();
    const text = await readIfThere(path);
    if (text === undefined) continue;
    if (text === mine) return; // a network's file system made the link, and its answer was lost
    const now = performance.now();
    if (text !== watched.text) watched = { text, since: now };
    const owner = ownerIn(text);
    if ((owner && isGone(owner)) || now - watched.since >= leaseMs) {
      await remove(path, text, options);
      onNote(`removed the lock ${path} of ${describeOwner(owner)}, which ended without removing it`);
      continue;
    }
    if (!isTold && now - begun > TELL_MS) {
      isTold = true;
      onNote(`waiting for the lock ${path} of ${describeOwner(owner)}`);
    }
    await sleep(POLL_MS * Math.random(), undefined, signal && { signal });
  }
}

/** Removes the lock that has this text, if it is still there. */
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
