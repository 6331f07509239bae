import { bucketAt, firstOutlierOf, type ReferenceIndex } from "./reference-index.ts";

/** The members of only one of two sets. */
const difference = (a: ReadonlySet<number>, b: ReadonlySet<number>): number[] =>
  [...a].filter((member) => !b.has(member)).concat([...b].filter((member) => !a.has(member)));

/** The buckets with a class that only one of two filters leaves out, ascending. Outliers have no bucket. */
export function changedBuckets(index: ReferenceIndex, now: ReadonlySet<number>, before: ReadonlySet<number>): number[] {
  const changed = difference(now, before).filter((position) => position < firstOutlierOf(index));
  return [...new Set(changed.map((position) => bucketAt(index, position)))].sort((a, b) => a - b);
}

/** The number of classes that only one of two filters leaves out. */
export const filterDistance = (a: ReadonlySet<number>, b: ReadonlySet<number>): number => difference(a, b).length;

/** The positions of the classes outside of a set of ids, and how many are inside. */
export function excludeOthers(
  ids: Int32Array,
  allowed: ReadonlySet<number>,
): { excluded: ReadonlySet<number>; held: number } {
  const excluded = new Set([...ids.keys()].filter((position) => !allowed.has(ids[position] as number)));
  return { excluded, held: ids.length - excluded.size };
}

/** The positions whose codes are from `first` to `last`, or, if `last` is below `first`, outside of the codes between them. */
export const markCodes = (codes: ArrayLike<number>, first: number, last: number): number[] =>
  Array.from(codes, (_, position) => position).filter((position) => {
    const code = codes[position] as number;
    return first <= last ? first <= code && code <= last : code >= first || code <= last;
  });

/** The positions whose codes have the flag 1. */
export const markFlagged = (codes: ArrayLike<number>, flags: ArrayLike<number>): number[] =>
  Array.from(codes, (_, position) => position).filter((position) => flags[codes[position] as number] === 1);

/** The number of bits of bytes that are 1. */
export const countBits = (bytes: Uint8Array): number =>
  bytes.reduce((count, byte) => count + [...byte.toString(2)].filter((digit) => digit === "1").length, 0);
