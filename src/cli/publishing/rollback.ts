import { createHash } from "node:crypto";
import { isVersionName, type Pointer, versionKey } from "../../pointer.ts";
import type { ProgressEvent } from "../progress.ts";
import { flipCurrent, readPointer } from "./current.ts";
import { readPart } from "./parts.ts";
import { placeOf, type Store } from "./store.ts";

export interface RollbackOptions {
  /** Default: the version before the current one. */
  readonly to?: string;
  /** As of `publish`. */
  readonly onStep?: (step: ProgressEvent) => void;
}

export interface Rollback {
  /** "current": it was so already, and nothing was written. */
  readonly outcome: "rolled-back" | "current";
  readonly pointer: Pointer;
  /** The version that was current. */
  readonly from: string;
}

/**
 * Makes a version that was published before the current one again, its pointer as it was then, so that another rollback
 * goes on to the version before that. All of its file is read first.
 *
 * @throws RangeError where there is no version `to`; Error where there is none before, where a part is not there or is
 * damaged, and where another publication came first
 */
export async function rollback(
  store: Store,
  pointerKey: string,
  { to, onStep = () => {} }: RollbackOptions = {},
): Promise<Rollback> {
  onStep({ phase: "read", done: 0, total: 1 });
  const before = await readPointer(store, pointerKey);
  if (!before) throw new Error(`${placeOf(store, pointerKey)} is not there: nothing was published`);
  const from = before.pointer.version;
  const version = to ?? before.pointer.previous;
  if (version === undefined) {
    throw new Error(`${placeOf(store, pointerKey)} is ${from}, which has no version before it`);
  }
  if (version === from) return { outcome: "current", pointer: before.pointer, from };
  const pointer = await readVersion(store, pointerKey, version);
  await checkParts(store, pointerKey, pointer, onStep);
  onStep({ phase: "current", done: 0, total: 1 });
  await flipCurrent(store, pointerKey, before, pointer);
  return { outcome: "rolled-back", pointer, from };
}

async function readVersion(store: Store, pointerKey: string, version: string): Promise<Pointer> {
  const key = versionKey(pointerKey, version);
  const found = isVersionName(version) ? await readPointer(store, key) : undefined;
  if (!found) throw new RangeError(`there is no version ${JSON.stringify(version)}: ${placeOf(store, key)}`);
  if (found.pointer.version === version) return found.pointer;
  throw new Error(`${placeOf(store, key)} is the pointer of ${found.pointer.version}`);
}

/** That the file is there as a whole. */
async function checkParts(
  store: Store,
  pointerKey: string,
  { version, parts, sha256 }: Pointer,
  onStep: (step: ProgressEvent) => void,
): Promise<void> {
  const hash = createHash("sha256");
  for (const [done, part] of parts.entries()) {
    onStep({ phase: "parts", done, total: parts.length });
    hash.update(await readPart(store, pointerKey, part));
  }
  if (hash.digest("hex") === sha256) return;
  throw new Error(`${placeOf(store, versionKey(pointerKey, version))}: its parts are not the file it says`);
}
