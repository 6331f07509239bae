import { folderOf } from "../pointer.ts";
import { marksKey } from "../pruning.ts";
import { isManifest, type Published, readPointer } from "./current.ts";
import type { PublicationStore } from "./publication-store.ts";

/** A pointer in a store whose keys can be listed. */
export interface PointerPlace {
  readonly store: PublicationStore;
  readonly pointerKey: string;
  /** Lists the keys in a folder, which is a prefix that ends in "/" or "", without those in folders of it. */
  readonly keysIn: (folder: string) => Promise<readonly string[]>;
}

/**
 * Reads the pointers and manifests in the folder of a pointer, by their keys: several may share it, and so their versions and parts.
 *
 * @throws Error if one of them cannot be read, since nobody can tell what it names
 */
export async function pointersBeside({
  store,
  pointerKey,
  keysIn,
}: PointerPlace): Promise<ReadonlyMap<string, Published>> {
  const pointers = new Map<string, Published>();
  for (const key of await keysIn(folderOf(pointerKey))) {
    if (!key.endsWith(".json") || key === marksKey(pointerKey)) continue;
    try {
      const found = await readPointer(store, key);
      if (found) pointers.set(key, found.pointer);
    } catch (error) {
      if (key === pointerKey || (await looksPublished(store, key))) throw error;
    }
  }
  return pointers;
}

/** A damaged pointer must not be taken for another file, because what it names would be deleted. */
async function looksPublished(store: PublicationStore, key: string): Promise<boolean> {
  const found = await store.get(key);
  const text = new TextDecoder().decode(found?.bytes);
  return text.includes('"parts"') && !isPlanText(text);
}

/** A build in parts leaves its plan beside them. Its "parts" are blocks of rows, and it names no published file. */
const isPlanText = (text: string): boolean => /^\s*\{\s*"kind"\s*:\s*"build-plan"/.test(text);

/** Tells a manifest that a build wrote, whose parts are files, from one that was published. */
export const isBuilt = (published: Published): boolean =>
  isManifest(published) && published.parts.some(({ pointer }) => pointer === undefined);
