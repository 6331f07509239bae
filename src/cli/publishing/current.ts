import { MAX_POINTER_BYTES, type Pointer, pointerIn, serialisePointer } from "../../publication/pointer.ts";
import { naming } from "../files/input-file.ts";
import { placeOf, type Store } from "./store.ts";

/** A pointer, with the etag for a conditional write in its place. */
export interface ReadPointer {
  readonly pointer: Pointer;
  readonly etag: string;
}

/** Reads a pointer. Throws FormatError "pointer", which names the store and the key. */
export async function readPointer(store: Store, key: string): Promise<ReadPointer | undefined> {
  const found = await store.get(key, MAX_POINTER_BYTES);
  if (!found) return undefined;
  return { pointer: await naming(placeOf(store, key), async () => pointerIn(found.bytes)), etag: found.etag };
}

export const pointerBytes = (pointer: Pointer): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(serialisePointer(pointer));

/** Makes `pointer` the current one if `before` still is. Throws an Error if another publication came first. */
export async function flipCurrent(
  store: Store,
  pointerKey: string,
  before: ReadPointer | undefined,
  pointer: Pointer,
): Promise<void> {
  if (await store.put(pointerKey, pointerBytes(pointer), before ?? "absent")) return;
  const now = await readPointer(store, pointerKey);
  // A write whose answer was lost is sent again, and then finds its own pointer.
  if (now && serialisePointer(now.pointer) === serialisePointer(pointer)) return;
  const version = now ? `now ${now.pointer.version}` : "gone";
  throw new Error(`another publication came first: ${placeOf(store, pointerKey)} is ${version}: publish again`);
}
