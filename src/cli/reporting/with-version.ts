import { basename, dirname } from "node:path";
import type { LoadOptions } from "../../index.ts";
import { homeKey } from "../../publication/pointer.ts";
import { isManifest, readPointer } from "../../publication/publishing/current.ts";
import { partsOf } from "../../publication/publishing/published-facts.ts";
import type { AskedIndex } from "../asking/asked-index.ts";
import { withAsked } from "../asking/with-asked.ts";
import { loadHere } from "../files/load-here.ts";
import { isPointerFile } from "../hosting/published-file.ts";
import type { Io } from "../process/io.ts";
import { folderStore } from "../publishing/folder-store.ts";
import { isRemote } from "../remote/address.ts";

/** Runs `action` with an index file, a manifest, or the version of a pointer in a folder, and then disposes of it. */
export async function withVersion<T>(
  path: string,
  limits: LoadOptions,
  io: Io,
  action: (index: AskedIndex) => Promise<T>,
): Promise<T> {
  if (isRemote(path) || !(await isPointerFile(path))) return withAsked(path, limits, io, action);
  // A version's own pointer is in a folder of the one that has the parts.
  const isVersion = basename(dirname(path)) === "versions";
  const folder = isVersion ? dirname(dirname(path)) : dirname(path);
  const key = isVersion ? `versions/${basename(path)}` : basename(path);
  const store = folderStore(folder);
  const found = await readPointer(store, key);
  if (!found) throw new Error(`${path} is missing`);
  if (isManifest(found.pointer)) throw new Error(`${path} changed while it was read: try again`);
  const index = await loadHere(partsOf(store, homeKey(key, found.pointer.version), found.pointer), limits);
  try {
    return await action(index);
  } finally {
    index.dispose();
  }
}
