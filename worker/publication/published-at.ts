import { readAtMost } from "../../src/internal.ts";
import {
  homeKey,
  MAX_POINTER_BYTES,
  type Pointer,
  partKey,
  pointerIn,
  versionKey,
} from "../../src/publication/pointer.ts";
import { Problem } from "../contract/problem.ts";
import { joinParts } from "./join-parts.ts";
import type { Publication, Publisher } from "./publication.ts";
import type { Found, Store } from "./store.ts";

/** The tag of a file in a store without tags. The service never checks it again. */
const UNTAGGED = "untagged";

/**
 * The publisher at a key of a store. The key holds a pointer if it ends in `.json`, otherwise the file of an index. A key that
 * the store lacks gives requests a 503 `index_missing`.
 *
 * @function
 * @param store the store: `inAssets`, `inBucket` or `inKeyValues`
 * @param key the key, or the path of an asset
 * @returns a publisher, to return to `createHandler`
 *
 * @example
 * export default createHandler((env: Env) => publishedAt(inBucket(env.INDEX), "words/current.json"));
 */
export const publishedAt = (store: Store, key: string): Publisher =>
  key.endsWith(".json") ? byPointer(store, key) : asFile(store, key);

const asFile = (store: Store, key: string): Publisher => ({
  async look(known) {
    if (known === UNTAGGED) return undefined;
    const found = await openStored(store, key, known, ': put a file of "midx build" there');
    if (found === "unchanged") return undefined;
    let unread: ReadableStream<Uint8Array> | undefined = found.body;
    const open = async () => {
      const body = unread ?? (await openStored(store, key)).body;
      unread = undefined;
      return body;
    };
    return { tag: found.tag ?? UNTAGGED, version: undefined, open };
  },
});

const byPointer = (store: Store, key: string): Publisher => ({
  look: (known) => publicationAt(store, key, key, known),
});

/** The publication of the pointer at the key `at`, which is `key` or the key of one of its versions. */
async function publicationAt(store: Store, key: string, at: string, known?: string): Promise<Publication | undefined> {
  const remedy = at === key ? ': "midx publish" puts an index there' : "";
  const found = await newText(store, at, { known, most: MAX_POINTER_BYTES, remedy });
  if (!found) return undefined;
  const { tag, bytes } = found;
  const pointer = await readingAt(store, at, () => pointerIn(bytes));
  const { version, facts, contract, sha256: file, previous, canary, sequence } = pointer;
  const home = homeKey(key, version);
  const ofVersion = (name: string) => () => publicationAt(store, home, versionKey(home, name));
  return {
    tag,
    version,
    facts,
    contract,
    file,
    sequence,
    open: () => openParts(store, home, pointer),
    canary: canary && { share: canary.share, look: ofVersion(canary.version) },
    previous: previous === undefined ? undefined : ofVersion(previous),
  };
}

/** A look at a text in a store. */
interface Look {
  /** The tag of the text that the caller has. */
  readonly known: string | undefined;
  /** The most bytes that the text may have. One more is read at most. */
  readonly most: number;
  readonly remedy: string;
}

/** Reads a text with its tag, which is the text itself in a store without tags. Undefined for the known one. */
export async function newText(
  store: Store,
  key: string,
  { known, most, remedy }: Look,
): Promise<{ readonly tag: string; readonly bytes: Uint8Array<ArrayBuffer> } | undefined> {
  const found = await openStored(store, key, known, remedy);
  if (found === "unchanged") return undefined;
  const bytes = await readAtMost(found.body, most);
  const tag = found.tag ?? new TextDecoder().decode(bytes);
  return tag === known ? undefined : { tag, bytes };
}

/** Reads what a store has at a key. Errors name both. */
export async function readingAt<T>({ name }: Store, key: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error) error.message = `${name}: ${key}: ${error.message}`;
    throw error;
  }
}

/** Opens the file of a pointer, whose parts are beside the key. */
export function openParts(store: Store, key: string, pointer: Pointer): ReadableStream<Uint8Array> {
  return joinParts(pointer, async (part) => {
    return (await openStored(store, partKey(key, part))).body;
  });
}

/** `remedy` tells the operator of the service what to do if the store lacks the key. */
export async function openStored(store: Store, key: string): Promise<Found>;
export async function openStored(
  store: Store,
  key: string,
  known?: string,
  remedy?: string,
): Promise<Found | "unchanged">;
export async function openStored(store: Store, key: string, known?: string, remedy = ""): Promise<Found | "unchanged"> {
  const found = await store.open(key, known);
  if (found) return found;
  const verb = store.name.endsWith("s") ? "have" : "has";
  throw new Problem("index_missing", `${store.name} ${verb} no "${key}"${remedy}`);
}
