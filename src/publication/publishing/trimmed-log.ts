import type { ChangeLog } from "../change-log.ts";
import { neededBehind, type ServedVersions } from "../kept-changes.ts";
import { versionKey } from "../pointer.ts";
import { type Published, readPointer, sequenceOf } from "./current.ts";
import { isBuilt, type PointerPlace, pointersBeside } from "./pointers-beside.ts";
import { noteTrim } from "./trim-mark.ts";

/**
 * Trims a log of the sets that no version that can be served needs. Returns the number up to which it did, 0 for none.
 *
 * @throws Error that says that the version is current all the same
 */
export async function trimLog(place: PointerPlace, log: ChangeLog, current: Published): Promise<number> {
  try {
    const needed = await trimmable(place, servedBy(current));
    if (needed === 0) return needed;
    const { first } = await log.read(needed, 1);
    await noteTrim(place, Math.max(needed, first - 1)); // before the log is trimmed so far
    // A rollback that has not seen the mark may have made an earlier version the current one meanwhile.
    const now = await readPointer(place.store, place.pointerKey);
    const unneeded = now ? Math.min(needed, await trimmable(place, servedBy(now.pointer))) : needed;
    if (unneeded === 0) return unneeded;
    await log.trim(unneeded);
    return Math.min(unneeded, (await log.read(unneeded, 1)).first - 1); // it may have trimmed a part of that
  } catch (error) {
    const why = `${current.version} is the current version, and the log was not trimmed: ${(error as Error).message}`;
    throw new Error(`${why}: compact again, which trims it`, { cause: error });
  }
}

/**
 * Returns the number up to which no version that can be served needs the log, once `current` is the current one. Pointers beside it
 * can be served, too.
 */
export async function trimmable(place: PointerPlace, current: ServedVersions): Promise<number> {
  const { store, pointerKey } = place;
  const sequenceOfVersion = async (version: string): Promise<number | undefined> => {
    const found = await readPointer(store, versionKey(pointerKey, version));
    return found && sequenceOf(found.pointer);
  };
  let needed = await neededBehind(current, sequenceOfVersion);
  for (const [key, pointer] of needed > 0 ? await pointersBeside(place) : []) {
    if (key === pointerKey || isBuilt(pointer)) continue;
    needed = Math.min(needed, await neededBehind(servedBy(pointer), sequenceOfVersion));
  }
  return needed;
}

/** Returns the versions that can be served by a pointer. */
export const servedBy = (published: Published): ServedVersions => ({ ...published, sequence: sequenceOf(published) });
