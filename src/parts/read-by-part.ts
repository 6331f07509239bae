import type { MultiIndex } from "../index/multi-index.ts";
import { heldBy } from "./held-by.ts";
import type { PartedIndex } from "./parted-index.ts";
import { ownClasses, type Place } from "./place.ts";

/** An index in memory, and the place of its classes among all. */
export interface IndexInPlace {
  readonly index: MultiIndex;
  readonly place: Place;
}

/** Returns the indexes behind a PartedIndex, in the order of its parts, with the places to which changes have moved them. */
export const indexesInPlace = (parted: PartedIndex, indexes: readonly MultiIndex[]): IndexInPlace[] =>
  heldBy(parted).map(({ place }, i) => ({ place, index: indexes[i] as MultiIndex }));

/** Reads a value of each class from its part. `ids` are checked: each is a class of one of the parts. */
export function readByPart<T>(
  parts: readonly IndexInPlace[],
  ids: Int32Array,
  read: (index: MultiIndex, own: Int32Array) => readonly T[],
): T[] {
  const found: T[] = [];
  for (const { index, place } of parts) {
    const { ids: own, places } = ownClasses(place, ids);
    if (own.length === 0) continue;
    for (const [i, value] of read(index, own).entries()) found[places[i] as number] = value;
  }
  return found;
}
