import type { Canary, Pointer } from "../pointer.ts";
import { isManifest, type ReadPointer, readPointer } from "./current.ts";
import { type PublicationStore, placeOf } from "./publication-store.ts";
import { publishedFacts, type ReadFacts } from "./published-facts.ts";

/** The pointer of a current version that has a canary. */
export type WithCanary = Pointer & { readonly canary: Canary };

/** Returns the current pointer if a canary is tried beside it. */
export const canaryIn = (before: ReadPointer | undefined): WithCanary | undefined =>
  before && !isManifest(before.pointer) && before.pointer.canary ? (before.pointer as WithCanary) : undefined;

/** Throws an Error if a canary other than `version` is tried: a publication would end it unnoticed. */
export function refuseDuringCanary(before: ReadPointer | undefined, version?: string): void {
  const current = canaryIn(before);
  if (!current || current.canary.version === version) return;
  throw new Error(
    `version ${current.canary.version} is tried as a canary beside ${current.version}: end that first, with midx promote or midx rollback`,
  );
}

/**
 * Returns the current pointer with `version` as its canary. Its readers need its facts, which an older midx left out.
 *
 * @throws Error if there is no current version to try it beside, or if it is a manifest or the version itself
 */
export async function besideCurrent(
  store: PublicationStore,
  pointerKey: string,
  before: ReadPointer | undefined,
  { version, share }: Canary,
  readFacts?: ReadFacts,
): Promise<WithCanary> {
  const place = placeOf(store, pointerKey);
  if (!before) throw new Error(`${place} is missing: a canary needs a current version beside it: leave out --canary`);
  const { pointer } = before;
  if (isManifest(pointer)) throw new Error(`${place} is a manifest, beside which no canary can be tried`);
  if (pointer.version === version) {
    throw new Error(`${version} is already current: ${place}: a canary is another version`);
  }
  const facts = await publishedFacts(store, pointerKey, pointer, readFacts);
  if (facts) return { ...pointer, facts, canary: { version, share } };
  throw new Error(`${place}: the file of ${pointer.version} cannot be read, so nothing can be tried beside it`);
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
