import type { ChangeLog } from "../change-log.ts";
import { neededBehind } from "../kept-changes.ts";
import { versionKey } from "../pointer.ts";
import { type Published, readPointer, sequenceOf } from "./current.ts";
import type { PublicationStore } from "./publication-store.ts";

/** Trims a log of the sets that no version that can be served needs. Returns the number up to which it did, 0 for none. */
export async function trimLog(
  store: PublicationStore,
  pointerKey: string,
  log: ChangeLog,
  current: Published,
): Promise<number> {
  const needed = await trimmable(store, pointerKey, current);
  if (needed > 0) await log.trim(needed);
  return needed;
}

/** Returns the number up to which no version that can be served needs the log. */
export const trimmable = (store: PublicationStore, pointerKey: string, current: Published): Promise<number> =>
  neededBehind({ ...current, sequence: sequenceOf(current) }, async (version) => {
    const found = await readPointer(store, versionKey(pointerKey, version));
    return found && sequenceOf(found.pointer);
  });
