import { type Pointer, parsePointer, partKey } from "../../src/pointer.ts";
import { Problem } from "../problem.ts";
import { joinParts } from "./join-parts.ts";
import type { Publisher } from "./publication.ts";
import type { Found, Store } from "./store.ts";

/** The tag of a file in a store that has none: it is never looked at again. */
const UNTAGGED = "untagged";

/** What a store has at this key: a pointer where it ends in `.json`, else the file of an index itself. */
export const publishedAt = (store: Store, key: string): Publisher =>
  key.endsWith(".json") ? byPointer(store, key) : asFile(store, key);

const asFile = (store: Store, key: string): Publisher => ({
  async look(known) {
    if (known === UNTAGGED) return undefined;
    const found = await open(store, key, known);
    if (found === "unchanged") return undefined;
    return { tag: found.tag ?? UNTAGGED, version: undefined, open: () => found.body };
  },
});

const byPointer = (store: Store, key: string): Publisher => ({
  async look(known) {
    const found = await open(store, key, known);
    if (found === "unchanged") return undefined;
    const text = await new Response(found.body).text();
    const tag = found.tag ?? text;
    if (tag === known) return undefined;
    const pointer = parsePointer(text);
    return { tag, version: pointer.version, open: () => openParts(store, key, pointer) };
  },
});

function openParts(store: Store, key: string, pointer: Pointer): ReadableStream<Uint8Array> {
  return joinParts(pointer, async (part) => {
    const found = await open(store, partKey(key, part));
    return (found as Found).body;
  });
}

async function open(store: Store, key: string, known?: string): Promise<Found | "unchanged"> {
  const found = await store.open(key, known);
  if (found) return found;
  const verb = store.name.endsWith("s") ? "have" : "has";
  throw new Problem("index_missing", `${store.name} ${verb} no "${key}"`);
}
