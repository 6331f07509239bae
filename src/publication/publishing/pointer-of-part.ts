import type { Manifest, ManifestPart } from "../manifest.ts";
import { folderOf, type Pointer } from "../pointer.ts";
import { isManifest, readPointer } from "./current.ts";
import { type PublicationStore, placeOf } from "./publication-store.ts";

/** Reads the pointer of a part of a manifest, and checks that it is the pointer to that part. */
export async function pointerOf(
  store: PublicationStore,
  pointerKey: string,
  { version }: Manifest,
  { number, sha256, pointer = "" }: ManifestPart,
): Promise<Pointer> {
  const key = folderOf(pointerKey) + pointer;
  const found = await readPointer(store, key);
  if (!found) throw new Error(`${placeOf(store, key)} is missing: version ${version} has lost its part ${number}`);
  if (!isManifest(found.pointer) && found.pointer.sha256 === sha256) return found.pointer;
  throw new Error(`${placeOf(store, key)} is not the pointer of part ${number} of version ${version}`);
}
