import type { Canary } from "../canary.ts";
import type { Manifest } from "../manifest.ts";
import type { Pointer } from "../pointer.ts";
import { isManifest, type Published, type ReadPointer, readPointer } from "./current.ts";
import { type PublicationStore, placeOf } from "./publication-store.ts";
import { publishedFacts, type ReadFacts } from "./published-facts.ts";

/** The pointer, or the manifest, of a current version that has a canary. */
export type WithCanary<Kind extends Published = Published> = Kind & { readonly canary: Canary };

/** Returns the current pointer if a canary is tried beside it. */
export const canaryIn = (before: ReadPointer | undefined): WithCanary | undefined =>
  before?.pointer.canary ? (before.pointer as WithCanary) : undefined;

/** Throws an Error if a canary other than `version` is tried: a publication would end it unnoticed. */
export function refuseDuringCanary(before: ReadPointer | undefined, version?: string): void {
  const current = canaryIn(before);
  if (!current || current.canary.version === version) return;
  throw new Error(
    `version ${current.canary.version} is tried as a canary beside ${current.version}: end that first, with midx promote or midx rollback`,
  );
}

/** Tells whether the canary is tried already with the same share. */
export function isTried(before: ReadPointer | undefined, { canary: { version, share } }: WithCanary): boolean {
  const tried = canaryIn(before)?.canary;
  return tried?.version === version && tried.share === share;
}

/**
 * Returns the current pointer of a file with the file of another version as its canary. Its readers need its facts, which an older
 * midx left out.
 *
 * @throws Error if there is no current version to try it beside, or if it is a manifest or the version itself
 */
export async function besideCurrent(
  store: PublicationStore,
  pointerKey: string,
  before: ReadPointer | undefined,
  canary: Canary,
  readFacts?: ReadFacts,
): Promise<WithCanary<Pointer>> {
  const place = placeOf(store, pointerKey);
  const pointer = currentFor(place, before, canary);
  if (isManifest(pointer)) {
    throw new Error(
      `${place} is a manifest, beside which no index file can be tried: build it in parts (--parts), or leave out --canary`,
    );
  }
  const facts = await publishedFacts(store, pointerKey, pointer, readFacts);
  if (facts) return { ...pointer, facts, canary };
  throw new Error(`${place}: the file of ${pointer.version} cannot be read, so nothing can be tried beside it`);
}

/**
 * Returns the current manifest with that of another version as its canary.
 *
 * @throws Error if there is no current version to try it beside, or if it is an index file or the version itself
 */
export function besideManifest(
  store: PublicationStore,
  pointerKey: string,
  before: ReadPointer | undefined,
  canary: Canary,
): WithCanary<Manifest> {
  const place = placeOf(store, pointerKey);
  const pointer = currentFor(place, before, canary);
  if (isManifest(pointer)) return { ...pointer, canary };
  throw new Error(
    `${place} is the pointer of an index file, beside which no parts can be tried: build one file, or leave out --canary`,
  );
}

function currentFor(place: string, before: ReadPointer | undefined, { version }: Canary): Published {
  if (!before) throw new Error(`${place} is missing: a canary needs a current version beside it: leave out --canary`);
  if (before.pointer.version !== version) return before.pointer;
  throw new Error(`${version} is already current: ${place}: a canary is another version`);
}

/** Reads the current pointer, which must have a canary. */
export async function readCanary(
  store: PublicationStore,
  pointerKey: string,
): Promise<{ readonly before: ReadPointer; readonly current: WithCanary }> {
  const before = await readPointer(store, pointerKey);
  const current = canaryIn(before);
  if (before && current) return { before, current };
  const state = before ? `is ${before.pointer.version}, which has no canary` : "is missing: nothing was published";
  throw new Error(`${placeOf(store, pointerKey)} ${state}`);
}
