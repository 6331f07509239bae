import { basename, dirname } from "node:path";
import { type LoadOptions, load, type MultiIndex } from "../../index.ts";
import { homeKey } from "../../publication/pointer.ts";
import { isManifest, readPointer } from "../../publication/publishing/current.ts";
import { partsOf } from "../../publication/publishing/published-facts.ts";
import { withIndex } from "../files/index-file.ts";
import { folderStore } from "../publishing/folder-store.ts";

/** Runs `action` with an index file, or with the version of a pointer in a folder, and then disposes of it. */
export async function withVersion<T>(
  path: string,
  limits: LoadOptions,
  action: (index: MultiIndex) => Promise<T>,
): Promise<T> {
  if (!path.endsWith(".json")) return withIndex(path, limits, action);
  // A version's own pointer is in a folder of the one that has the parts.
  const isVersion = basename(dirname(path)) === "versions";
  const folder = isVersion ? dirname(dirname(path)) : dirname(path);
  const key = isVersion ? `versions/${basename(path)}` : basename(path);
  const store = folderStore(folder);
  const found = await readPointer(store, key);
  if (!found) throw new Error(`${path} is missing`);
  if (isManifest(found.pointer)) throw new RangeError(`${path} is a manifest: compare index files`);
  const index = await load(partsOf(store, homeKey(key, found.pointer.version), found.pointer), limits);
  try {
    return await action(index);
  } finally {
    index.dispose();
  }
}
