/** Values of a log that are read, written or removed at once. */
export const AT_ONCE = 6;

/** Does something with each item, AT_ONCE of them at a time, in order. */
export async function inGroups<Item>(items: readonly Item[], each: (item: Item) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) await Promise.all(items.slice(at, at + AT_ONCE).map(each));
}
