import {
  isManifestText,
  MAX_MANIFEST_BYTES,
  type Manifest,
  manifestIn,
  serialiseManifest,
} from "../../publication/manifest.ts";
import { type Pointer, pointerIn, serialisePointer } from "../../publication/pointer.ts";
import { naming } from "../files/input-file.ts";
import { placeOf, type Store } from "./store.ts";

/** What stands at the key of a pointer: the pointer to one file, or a manifest of several. */
export type Published = Pointer | Manifest;

/** A pointer or manifest, with the etag for a conditional write in its place. */
export interface ReadPointer {
  readonly pointer: Published;
  readonly etag: string;
}

export const isManifest = (published: Published): published is Manifest => "generation" in published;

/** Reads a pointer or a manifest. Throws FormatError "pointer" or "manifest", which names the store and the key. */
export async function readPointer(store: Store, key: string): Promise<ReadPointer | undefined> {
  const found = await store.get(key, MAX_MANIFEST_BYTES);
  if (!found) return undefined;
  const { bytes, etag } = found;
  const itself = key.slice(key.lastIndexOf("/") + 1);
  const parse = async (): Promise<Published> =>
    isManifestText(new TextDecoder().decode(bytes)) ? manifestIn(bytes, { itself }) : pointerIn(bytes);
  return { pointer: await naming(placeOf(store, key), parse), etag };
}

/** The number of the last change of the log that the published files have. */
export const sequenceOf = (published: Published): number =>
  (isManifest(published) ? published.log?.sequence : published.sequence) ?? 0;

/** Identifies what is published: the same files have the same text, whatever was published before them. */
export const contentOf = (published: Published): string =>
  isManifest(published)
    ? published.parts.map(({ number, sha256 }) => `${number}:${sha256}`).join(" ")
    : published.sha256;

const textOf = (published: Published): string =>
  isManifest(published) ? serialiseManifest(published) : serialisePointer(published);

export const pointerBytes = (pointer: Published): Uint8Array<ArrayBuffer> => new TextEncoder().encode(textOf(pointer));

/** Makes `pointer` the current one if `before` still is. Throws an Error if another publication came first. */
export async function flipCurrent(
  store: Store,
  pointerKey: string,
  before: ReadPointer | undefined,
  pointer: Published,
): Promise<void> {
  if (await store.put(pointerKey, pointerBytes(pointer), before ?? "absent")) return;
  const now = await readPointer(store, pointerKey);
  // A write whose answer was lost is sent again, and then finds its own pointer.
  if (now && textOf(now.pointer) === textOf(pointer)) return;
  const version = now ? `now ${now.pointer.version}` : "gone";
  throw new Error(`another publication came first: ${placeOf(store, pointerKey)} is ${version}: publish again`);
}
