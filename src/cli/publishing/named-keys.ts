import { folderOf, type Pointer, partKey, versionKey } from "../../publication/pointer.ts";
import { isManifest, type Published, readPointer } from "../../publication/publishing/current.ts";
import { pointersBeside } from "../../publication/publishing/pointers-beside.ts";
import { placeOf } from "../../publication/publishing/publication-store.ts";
import { placeIn, type Store } from "./store.ts";

/** The versions and files that the pointers in a folder name, by keys relative to it. */
export interface NamedKeys {
  /** The keys of versions and parts that must stay. */
  readonly keys: ReadonlySet<string>;
  /** The names of the versions that stay. */
  readonly versions: ReadonlySet<string>;
}

/**
 * Finds the files that the pointers and manifests beside `pointerKey` name: their versions, the `keep` versions before each,
 * their canaries, and the files of all these.
 *
 * @throws Error if nothing was published, or if one of them cannot be read, since nobody can tell what it names
 */
export async function namedKeys(store: Store, pointerKey: string, keep: number): Promise<NamedKeys> {
  const named = { keys: new Set<string>(), versions: new Set<string>() };
  const roots = await pointersBeside(placeIn(store, pointerKey));
  if (roots.size === 0) throw new Error(`${placeOf(store, pointerKey)} is missing: nothing was published`);
  for (const root of roots.values()) await addVersions(store, pointerKey, root, keep, named);
  return named;
}

type Found = { readonly keys: Set<string>; readonly versions: Set<string> };

/** Adds a version, the `keep` versions before it, and its canary. A version that is gone ends the chain. */
async function addVersions(
  store: Store,
  pointerKey: string,
  root: Published,
  keep: number,
  named: Found,
): Promise<void> {
  let [published, left]: [Published | undefined, number] = [root, keep];
  const seen = new Set<string>();
  while (published && !seen.has(published.version)) {
    seen.add(published.version);
    await addVersion(store, pointerKey, published, named);
    const before: string | undefined = left-- > 0 ? published.previous : undefined;
    published = before === undefined ? undefined : await versionIn(store, pointerKey, before);
  }
  const { canary } = root;
  const tried = canary && (await versionIn(store, pointerKey, canary.version));
  if (tried) await addVersion(store, pointerKey, tried, named);
}

const versionIn = async (store: Store, pointerKey: string, version: string): Promise<Published | undefined> =>
  (await readPointer(store, versionKey(pointerKey, version)))?.pointer;

async function addVersion(store: Store, pointerKey: string, published: Published, named: Found): Promise<void> {
  named.versions.add(published.version);
  named.keys.add(versionKey("", published.version));
  if (!isManifest(published)) return addParts(published, named);
  for (const { pointer } of published.parts) {
    if (pointer === undefined) continue;
    named.keys.add(pointer);
    const found = await readPointer(store, folderOf(pointerKey) + pointer);
    if (found && !isManifest(found.pointer)) addParts(found.pointer, named);
  }
}

function addParts({ parts }: Pointer, { keys }: Found): void {
  for (const part of parts) keys.add(partKey("", part));
}
