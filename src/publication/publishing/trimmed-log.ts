import type { ChangeLog } from "../change-log.ts";
import { neededBehind } from "../kept-changes.ts";
import { versionKey } from "../pointer.ts";
import { type Published, readPointer, sequenceOf } from "./current.ts";
import type { PublicationStore } from "./publication-store.ts";

/** Trims a log to what no version needs that can be served. Returns up to which number, 0 if it is left as it is. */
export async function trimLog(
  store: PublicationStore,
  pointerKey: string,
  log: ChangeLog,
  current: Published,
): Promise<number> {
  const needed = await neededBehind({ ...current, sequence: sequenceOf(current) }, async (version) => {
    const found = await readPointer(store, versionKey(pointerKey, version));
    return found && sequenceOf(found.pointer);
  });
  if (needed > 0) await log.trim(needed);
  return needed;
}
