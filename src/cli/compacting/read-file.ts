import { sha256 } from "../../bytes/sha256.ts";
import type { Pointer } from "../../publication/pointer.ts";
import { readPart } from "../publishing/parts.ts";
import type { Store } from "../publishing/store.ts";

/** Reads the file of a pointer. Error if it is another one. */
export async function readFile(store: Store, pointerKey: string, pointer: Pointer): Promise<Uint8Array<ArrayBuffer>> {
  const file = new Uint8Array(pointer.byteLength);
  let at = 0;
  for (const part of pointer.parts) {
    file.set(await readPart(store, pointerKey, part), at);
    at += part.byteLength;
  }
  if ((await sha256(file)) === pointer.sha256) return file;
  throw new Error(`version ${pointer.version} has another hash than its pointer states: publish it again`);
}
