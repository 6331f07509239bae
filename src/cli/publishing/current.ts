import { MAX_POINTER_BYTES, type Pointer, pointerIn, serialisePointer } from "../../publication/pointer.ts";
import { naming } from "../files/input-file.ts";
import { placeOf, type Store } from "./store.ts";

/** A pointer that was read, and what a put in its place is conditional on. */
export interface ReadPointer {
  readonly pointer: Pointer;
  readonly etag: string;
}

/** @throws FormatError with code "pointer", which names store and key */
export async function readPointer(store: Store, key: string): Promise<ReadPointer | undefined> {
  const found = await store.get(key, MAX_POINTER_BYTES);
  if (!found) return undefined;
  return { pointer: await naming(placeOf(store, key), async () => pointerIn(found.bytes)), etag: found.etag };
}

export const pointerBytes = (pointer: Pointer): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(serialisePointer(pointer));

/** Makes `pointer` the current one where `before` still is. Error where another publication came first. */
export async function flipCurrent(
  store: Store,
  pointerKey: string,
  before: ReadPointer | undefined,
  pointer: Pointer,
): Promise<void> {
  if (await store.put(pointerKey, pointerBytes(pointer), before ?? "absent")) return;
  const now = await readPointer(store, pointerKey);
  // A put whose answer was lost is sent again, and finds itself there.
  if (now && serialisePointer(now.pointer) === serialisePointer(pointer)) return;
  const version = now ? `now ${now.pointer.version}` : "gone";
  throw new Error(
    `another publication came first: ${placeOf(store, pointerKey)} is ${version}: publish again after it`,
  );
}
