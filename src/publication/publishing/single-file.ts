import { sha256 } from "../../bytes/sha256.ts";
import type { Pointer } from "../pointer.ts";
import { isManifest, type ReadPointer, readPointer } from "./current.ts";
import { readPart } from "./parts.ts";
import { type PublicationStore, placeOf } from "./publication-store.ts";

/** The pointer to a single file, with the etag for a conditional write in its place. */
export interface ReadFilePointer extends ReadPointer {
  readonly pointer: Pointer;
}

/** Reads the current pointer for a compaction. Throws an Error if nothing was published, or if it is a manifest. */
export async function readFilePointer(store: PublicationStore, pointerKey: string): Promise<ReadFilePointer> {
  const place = placeOf(store, pointerKey);
  const found = await readPointer(store, pointerKey);
  if (!found) throw new Error(`${place} has no published version: midx publish puts one there`);
  const { pointer, etag } = found;
  if (!isManifest(pointer)) return { pointer, etag };
  throw new Error(`${place} is a manifest of parts, which midx compact --log compacts`);
}

/** Reads all of a published file. Throws an Error if a part of it is missing or damaged. */
export async function readFile(
  store: PublicationStore,
  pointerKey: string,
  { version, byteLength, parts, sha256: digest }: Pointer,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = new Uint8Array(byteLength);
  let at = 0;
  for (const part of parts) {
    file.set(await readPart(store, pointerKey, part), at);
    at += part.byteLength;
  }
  if ((await sha256(file)) === digest) return file;
  throw new Error(`version ${version} has another hash than its pointer states: publish it again`);
}
