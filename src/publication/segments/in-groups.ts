/** The most values of a log that are read, written or removed at once. Workers open six connections at once. */
const AT_ONCE = 6;

/**
 * Returns how many values to read at once: as many as have room if they are as large as the `count` before, which had `bytes`, and
 * one at least. A value may have 16 MB, so an isolate may not hold AT_ONCE of them.
 */
export const fitting = (room: number, count: number, bytes: number): number =>
  count === 0 ? 1 : Math.max(1, Math.min(AT_ONCE, Math.floor((room * count) / bytes)));

/** Does something with each item, `atOnce` of them at a time, in order. */
export async function inGroups<Item>(
  items: readonly Item[],
  each: (item: Item) => Promise<void>,
  atOnce: number = AT_ONCE,
): Promise<void> {
  for (let at = 0; at < items.length; at += atOnce) await Promise.all(items.slice(at, at + atOnce).map(each));
}
