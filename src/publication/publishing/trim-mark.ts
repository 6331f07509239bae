import { jsonBytes } from "../json-bytes.ts";
import { type StoredJson, storedJson } from "../segments/stored-json.ts";
import type { PointerPlace } from "./pointers-beside.ts";
import type { PublicationStore } from "./publication-store.ts";

/*
 * A log may be where midx rollback cannot look, such as in a Durable Object. So whoever trims one notes beside the pointer how far:
 *
 *   words/current.trimmed.json   {"upTo":41}
 *
 * It is no part of the pointer, for an older pointer becomes current again in a rollback.
 */

interface TrimMark {
  /** The number of the last set that may be gone. */
  readonly upTo: number;
}

const markKey = (pointerKey: string): string => pointerKey.replace(/\.json$/, ".trimmed.json");

/** Returns the number up to which the log may be trimmed. Undefined if nobody has noted that. */
export async function trimmedUpTo(store: PublicationStore, pointerKey: string): Promise<number | undefined> {
  return (await readMark(store, markKey(pointerKey)))?.value.upTo;
}

/** Notes the number up to which the log will be trimmed. A log that takes the place of another one may have smaller numbers. */
export async function noteTrim({ store, pointerKey }: PointerPlace, upTo: number): Promise<void> {
  const key = markKey(pointerKey);
  const mark: TrimMark = { upTo };
  for (;;) {
    const known = await readMark(store, key);
    if (known?.value.upTo === upTo) return;
    if (await store.put(key, jsonBytes(mark), known ?? "absent")) return;
  }
}

const readMark = (store: PublicationStore, key: string): Promise<StoredJson<TrimMark> | undefined> =>
  storedJson(store, key, ["upTo"]);
