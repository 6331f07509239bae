import type { ChangeLog } from "../change-log.ts";
import { neededBehind } from "../kept-changes.ts";
import { versionKey } from "../pointer.ts";
import { type Published, readPointer, sequenceOf } from "./current.ts";
import type { PublicationStore } from "./publication-store.ts";

/**
 * Trims a log of the sets that no version that can be served needs. Returns the number up to which it did, 0 for none.
 *
 * @throws Error that says that the version is current all the same
 */
export async function trimLog(
  store: PublicationStore,
  pointerKey: string,
  log: ChangeLog,
  current: Published,
): Promise<number> {
  const needed = await trimmable(store, pointerKey, current);
  try {
    if (needed > 0) await log.trim(needed);
  } catch (error) {
    const why = `${current.version} is the current version, and the log was not trimmed: ${(error as Error).message}`;
    throw new Error(`${why}: compact again, which trims it`, { cause: error });
  }
  return needed;
}

/** Returns the number up to which no version that can be served needs the log. */
export const trimmable = (store: PublicationStore, pointerKey: string, current: Published): Promise<number> =>
  neededBehind({ ...current, sequence: sequenceOf(current) }, async (version) => {
    const found = await readPointer(store, versionKey(pointerKey, version));
    return found && sequenceOf(found.pointer);
  });
