import { sha256 } from "../../bytes/sha256.ts";
import type { Pointer } from "../pointer.ts";
import { readPart } from "./parts.ts";
import type { PublicationStore } from "./publication-store.ts";

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
