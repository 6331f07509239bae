import { isManifestText, MAX_MANIFEST_BYTES, type Manifest, manifestIn, serialiseManifest } from "../manifest.ts";
import { homeKey, type Pointer, pointerIn, serialisePointer } from "../pointer.ts";
import { type PublicationStore, placeOf } from "./publication-store.ts";

/** The value at the key of a pointer: the pointer to one file, or a manifest of several. */
export type Published = Pointer | Manifest;

/** A pointer or manifest, with the etag for a conditional write in its place. */
export interface ReadPointer {
  readonly pointer: Published;
  readonly etag: string;
}

export const isManifest = (published: Published): published is Manifest => "generation" in published;

/** Reads a pointer or a manifest. Throws FormatError "pointer" or "manifest", which names the store and the key. */
export async function readPointer(store: PublicationStore, key: string): Promise<ReadPointer | undefined> {
  const found = await store.get(key, MAX_MANIFEST_BYTES);
  if (!found) return undefined;
  const { bytes, etag } = found;
  const itself = key.slice(key.lastIndexOf("/") + 1);
  try {
    const isOfParts = isManifestText(new TextDecoder().decode(bytes));
    return { pointer: isOfParts ? await manifestIn(bytes, { itself }) : pointerIn(bytes), etag };
  } catch (error) {
    if (error instanceof Error) error.message = `${placeOf(store, key)}: ${error.message}`;
    throw error;
  }
}

/** Returns the pointer that a publication replaces: the expected one, or the current one. Undefined if there is none. */
export async function pointerBefore(
  store: PublicationStore,
  key: string,
  { expected }: { readonly expected?: ReadPointer | "absent" },
): Promise<ReadPointer | undefined> {
  if (expected === undefined) return readPointer(store, key);
  return expected === "absent" ? undefined : expected;
}

/** The number of the last change of the log that the published files have. */
export const sequenceOf = (published: Published): number =>
  (isManifest(published) ? published.log?.sequence : published.sequence) ?? 0;

/**
 * Identifies what is published: the same files, with the same measurements of their merged answers, have the same text, whatever
 * was published before them.
 */
export function contentOf(published: Published): string {
  if (!isManifest(published)) return published.sha256;
  const { parts, recallCurves, calibration, statistics } = published;
  return JSON.stringify([parts.map(({ number, sha256 }) => [number, sha256]), recallCurves, calibration, statistics]);
}

const textOf = (published: Published): string =>
  isManifest(published) ? serialiseManifest(published) : serialisePointer(published);

/** The types of Workers do not state the memory of a text's bytes, so they are copied. */
export const pointerBytes = (pointer: Published): Uint8Array<ArrayBuffer> =>
  new Uint8Array(new TextEncoder().encode(textOf(pointer)));

/**
 * Makes `pointer` the current one if `before` still is, in one conditional write. The answer to that write may be lost, so the
 * value that is there afterwards decides.
 *
 * @throws Error if another publication came first, or if it would take the place of a version's own pointer; the error of the store
 *   if the write was not made
 */
export async function flipCurrent(
  store: PublicationStore,
  pointerKey: string,
  before: ReadPointer | undefined,
  pointer: Published,
): Promise<void> {
  if (before && homeKey(pointerKey, before.pointer.version) !== pointerKey) {
    const own = `${placeOf(store, pointerKey)} is the pointer of version ${before.pointer.version} for ever`;
    throw new Error(`${own}: name that of the current version, which ends in "current.json" by default`);
  }
  let lost: { readonly error: unknown } | undefined;
  try {
    if (await store.put(pointerKey, pointerBytes(pointer), before ?? "absent")) return;
  } catch (error) {
    lost = { error };
  }
  const now = await readPointer(store, pointerKey).catch((error: unknown) => {
    throw lost ? lost.error : error;
  });
  if (lost && now?.etag === before?.etag) throw lost.error;
  if (now && wasCurrent(pointer, now.pointer, before)) return;
  const version = now ? `now ${now.pointer.version}` : "gone";
  throw new Error(`another publication came first: ${placeOf(store, pointerKey)} is ${version}: run it again`);
}

/**
 * Tells whether `pointer` has become current. A write whose answer was lost may be sent again, and then finds its own pointer, or
 * one that was published over it and names it as the version before. A rollback leaves no such trace: its version was the one
 * before already.
 */
function wasCurrent(pointer: Published, now: Published, before: ReadPointer | undefined): boolean {
  if (textOf(now) === textOf(pointer)) return true;
  const isNew = ![before?.pointer.version, before?.pointer.previous].includes(pointer.version);
  return isNew && now.previous === pointer.version;
}
