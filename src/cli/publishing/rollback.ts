import { createHash } from "node:crypto";
import { isVersionName, type Pointer, versionKey } from "../../publication/pointer.ts";
import type { ProgressEvent } from "../output/progress.ts";
import { flipCurrent, readPointer } from "./current.ts";
import { readPart } from "./parts.ts";
import { publishedFacts } from "./published-facts.ts";
import { placeOf, type Store } from "./store.ts";
import { checkMemory, type Insistence, isBreaking, type Readers } from "./successor.ts";

export interface RollbackOptions extends Insistence, Readers {
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
 * damaged, where it would break clients or not fit into a Worker, and where another publication came first
 */
export async function rollback(store: Store, pointerKey: string, options: RollbackOptions = {}): Promise<Rollback> {
  const { to, onStep = () => {} } = options;
  onStep({ phase: "read", done: 0, total: 1 });
  const before = await readPointer(store, pointerKey);
  if (!before) throw new Error(`${placeOf(store, pointerKey)} is not there: nothing was published`);
  const from = before.pointer.version;
  const version = to ?? before.pointer.previous;
  if (version === undefined) {
    throw new Error(`${placeOf(store, pointerKey)} is ${from}, which has no version before it`);
  }
  if (version === from) return { outcome: "current", pointer: before.pointer, from };
  const stored = await readVersion(store, pointerKey, version);
  await checkParts(store, pointerKey, stored, onStep);
  const pointer = await acceptedAfter(store, pointerKey, before.pointer, stored, options);
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

/**
 * The pointer of a version that may take the place of another one. Two that break each other's clients have different
 * contracts, so that Workers take what was decided here: the pointer is given one of its own where they have not.
 */
async function acceptedAfter(
  store: Store,
  pointerKey: string,
  before: Pointer,
  pointer: Pointer,
  options: RollbackOptions,
): Promise<Pointer> {
  const [facts, factsBefore] = [
    await publishedFacts(store, pointerKey, pointer),
    await publishedFacts(store, pointerKey, before),
  ];
  if (!facts) return pointer;
  const after = { version: pointer.version, facts };
  const known = factsBefore && { version: before.version, facts: factsBefore };
  checkMemory(known, after, options, options);
  const breaks = known !== undefined && isBreaking(known, after, options);
  return breaks && pointer.contract === before.contract ? { ...pointer, facts, contract: pointer.version } : pointer;
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
