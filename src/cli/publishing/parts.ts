import { sha256 } from "../../bytes/sha256.ts";
import { type Part, partKey } from "../../publication/pointer.ts";
import { placeOf, type Store } from "./store.ts";

/** A part of a file, and its bytes in it. */
export interface FilePart {
  readonly part: Part;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A file in parts of `maxBytes`, the last one shorter; the bytes are not copied. */
export async function splitFile(bytes: Uint8Array<ArrayBuffer>, maxBytes: number): Promise<FilePart[]> {
  const parts: FilePart[] = [];
  for (let begin = 0; begin < bytes.byteLength; begin += maxBytes) {
    const piece = bytes.subarray(begin, begin + maxBytes);
    parts.push({ part: { sha256: await sha256(piece), byteLength: piece.byteLength }, bytes: piece });
  }
  return parts;
}

/**
 * Puts a part where it is not, and reads it back: "put", or "kept" where it was there. What lies under its name and has
 * another hash is damaged, and is put again. Error where the store gives back other bytes all the same.
 */
export async function putPart(store: Store, pointerKey: string, { part, bytes }: FilePart): Promise<"kept" | "put"> {
  const key = partKey(pointerKey, part);
  const there = await store.get(key, part.byteLength);
  if (there && (await isPart(there.bytes, part))) return "kept";
  await store.put(key, bytes);
  await readPart(store, pointerKey, part);
  return "put";
}

/** The bytes of a part. Error where it is not there, or not what its name says. */
export async function readPart(store: Store, pointerKey: string, part: Part): Promise<Uint8Array<ArrayBuffer>> {
  const key = partKey(pointerKey, part);
  const found = await store.get(key, part.byteLength);
  if (!found) throw new Error(`${placeOf(store, key)} is not there: ${UNCHANGED}`);
  if (await isPart(found.bytes, part)) return found.bytes;
  throw new Error(`${placeOf(store, key)} reads back as other bytes than its name says: ${UNCHANGED}`);
}

const UNCHANGED = "what is published stays as it was";

const isPart = async (bytes: Uint8Array<ArrayBuffer>, part: Part): Promise<boolean> =>
  bytes.byteLength === part.byteLength && (await sha256(bytes)) === part.sha256;
