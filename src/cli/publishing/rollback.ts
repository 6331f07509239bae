import { createHash } from "node:crypto";
import { isVersionName } from "../../publication/fields.ts";
import { type Manifest, type ManifestPart, sealManifest } from "../../publication/manifest.ts";
import { type Pointer, versionKey } from "../../publication/pointer.ts";
import type { ProgressEvent } from "../output/progress.ts";
import { flipCurrent, isManifest, type Published, readPointer } from "./current.ts";
import { readPart } from "./parts.ts";
import { publishedFacts } from "./published-facts.ts";
import { placeOf, type Store } from "./store.ts";
import { checkMemory, isBreaking, type Overrides, type Readers } from "./successor.ts";

export interface RollbackOptions extends Overrides, Readers {
  /** Default: the version before the current one. */
  readonly to?: string;
  /** See PublishOptions. */
  readonly onStep?: (step: ProgressEvent) => void;
}

export interface Rollback {
  /** "current": the version was already current, and nothing was written. */
  readonly outcome: "rolled-back" | "current";
  readonly pointer: Published;
  /** The version that was current. */
  readonly from: string;
}

/**
 * Makes an earlier version current again, after reading all of its file. Its pointer is restored, so that another rollback
 * returns to the version before that.
 *
 * @throws RangeError if there is no version `to`; Error if there is no previous version, if a part is missing or damaged, if
 * the version would break clients or does not fit into a Worker, or if another publication came first
 */
export async function rollback(store: Store, pointerKey: string, options: RollbackOptions = {}): Promise<Rollback> {
  const { to, onStep = () => {} } = options;
  onStep({ phase: "read", done: 0, total: 1 });
  const before = await readPointer(store, pointerKey);
  if (!before) throw new Error(`${placeOf(store, pointerKey)} is missing: nothing was published`);
  const from = before.pointer.version;
  const version = to ?? before.pointer.previous;
  if (version === undefined) {
    throw new Error(`${placeOf(store, pointerKey)} is ${from}, which has no previous version`);
  }
  if (version === from) return { outcome: "current", pointer: before.pointer, from };
  const stored = await readVersion(store, pointerKey, version);
  await checkFiles(store, pointerKey, stored, onStep);
  const pointer = await acceptedAfter(store, pointerKey, before.pointer, stored, options);
  onStep({ phase: "current", done: 0, total: 1 });
  await flipCurrent(store, pointerKey, before, pointer);
  return { outcome: "rolled-back", pointer, from };
}

async function readVersion(store: Store, pointerKey: string, version: string): Promise<Published> {
  const key = versionKey(pointerKey, version);
  const found = isVersionName(version) ? await readPointer(store, key) : undefined;
  if (!found) throw new RangeError(`there is no version ${JSON.stringify(version)}: ${placeOf(store, key)}`);
  if (found.pointer.version === version) return found.pointer;
  throw new Error(`${placeOf(store, key)} is the pointer of ${found.pointer.version}`);
}

/**
 * Checks that a version may replace the current one, and returns its pointer. Workers switch between two versions that break
 * each other's clients only if their contracts differ, so the pointer gets a new contract if needed.
 */
async function acceptedAfter(
  store: Store,
  pointerKey: string,
  before: Published,
  pointer: Published,
  options: RollbackOptions,
): Promise<Published> {
  const [facts, factsBefore] = [
    await publishedFacts(store, pointerKey, pointer),
    await publishedFacts(store, pointerKey, before),
  ];
  if (!facts) return pointer;
  const after = { version: pointer.version, facts };
  const known = factsBefore && { version: before.version, facts: factsBefore };
  checkMemory(known, after, options, options);
  const breaks = known !== undefined && isBreaking(known, after, options);
  if (!breaks || pointer.contract !== before.contract) return pointer;
  const contract = pointer.version;
  return isManifest(pointer) ? sealManifest({ ...pointer, contract }) : { ...pointer, facts, contract };
}

/** Checks that all files are complete. */
async function checkFiles(
  store: Store,
  pointerKey: string,
  published: Published,
  onStep: (step: ProgressEvent) => void,
): Promise<void> {
  if (!isManifest(published)) return checkParts(store, pointerKey, published, onStep);
  for (const part of published.parts) {
    await checkParts(store, pointerKey, await pointerOf(store, pointerKey, published, part), onStep);
  }
}

/** Reads the pointer of a part of a manifest, and checks that it is the pointer to that part. */
async function pointerOf(
  store: Store,
  pointerKey: string,
  { version }: Manifest,
  { number, sha256, pointer = "" }: ManifestPart,
): Promise<Pointer> {
  const key = `${pointerKey.slice(0, pointerKey.lastIndexOf("/") + 1)}${pointer}`;
  const found = await readPointer(store, key);
  if (!found) throw new Error(`${placeOf(store, key)} is missing: version ${version} has lost its part ${number}`);
  if (!isManifest(found.pointer) && found.pointer.sha256 === sha256) return found.pointer;
  throw new Error(`${placeOf(store, key)} is not the pointer of part ${number} of version ${version}`);
}

/** Checks that the file is complete. */
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
  throw new Error(`${placeOf(store, versionKey(pointerKey, version))}: its parts do not add up to the file`);
}
