import { sha256 } from "../../bytes/sha256.ts";
import { type Part, partKey } from "../pointer.ts";
import { type PublicationStore, placeOf } from "./publication-store.ts";

/** A part of a file, with its bytes. */
export interface FilePart {
  readonly part: Part;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Splits a file into parts of `maxBytes`. The last part may be shorter. It does not copy the bytes. */
export async function splitFile(bytes: Uint8Array<ArrayBuffer>, maxBytes: number): Promise<FilePart[]> {
  const parts: FilePart[] = [];
  for (let begin = 0; begin < bytes.byteLength; begin += maxBytes) {
    const piece = bytes.subarray(begin, begin + maxBytes);
    parts.push({ part: { sha256: await sha256(piece), byteLength: piece.byteLength }, bytes: piece });
  }
  return parts;
}

/**
 * Writes a part and reads it back. Returns "put", or "kept" if the part was already there. A stored part with another hash
 * is damaged and is written again. Throws an Error if the store then returns other bytes.
 */
export async function putPart(
  store: PublicationStore,
  pointerKey: string,
  { part, bytes }: FilePart,
): Promise<"kept" | "put"> {
  const key = partKey(pointerKey, part);
  const there = await store.get(key, part.byteLength);
  if (there && (await isPart(there.bytes, part))) return "kept";
  await store.put(key, bytes);
  await readPart(store, pointerKey, part);
  return "put";
}

/** Reads a part. Throws an Error if it is missing, or if its hash is not that of its name. */
export async function readPart(
  store: PublicationStore,
  pointerKey: string,
  part: Part,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = partKey(pointerKey, part);
  const found = await store.get(key, part.byteLength);
  if (!found) throw new Error(`${placeOf(store, key)} is missing: ${UNCHANGED}`);
  if (await isPart(found.bytes, part)) return found.bytes;
  throw new Error(`${placeOf(store, key)} has another hash than its name states: ${UNCHANGED}`);
}

const UNCHANGED = "nothing that is published has changed";

const isPart = async (bytes: Uint8Array<ArrayBuffer>, part: Part): Promise<boolean> =>
  bytes.byteLength === part.byteLength && (await sha256(bytes)) === part.sha256;
