import type { Codes } from "./encode.ts";

/** The classes sorted by bucket. */
export interface InvertedLists {
  /** k1·K + k2 of each bucket that has a class, ascending. */
  readonly codes: Int32Array;
  /** The start of each bucket in `ids`, and the end of the last bucket. */
  readonly offsets: Int32Array;
  /** The classes by bucket, ascending within each, then the outliers, which lie in none. */
  readonly ids: Int32Array;
  readonly largestBucket: number;
}

/** Sorts the classes by bucket, with a counting sort. */
export function invertLists({ codes1, codes2 }: Codes, codewordCount: number): InvertedLists {
  const itemCount = codes1.length;
  const starts = new Int32Array(codewordCount * codewordCount + 1);
  const bucketOf = (id: number): number => (codes1[id] as number) * codewordCount + (codes2[id] as number);
  for (let id = 0; id < itemCount; id++) (starts[bucketOf(id) + 1] as number)++;
  let bucketCount = 0;
  let largestBucket = 0;
  for (let bucket = 0; bucket < starts.length - 1; bucket++) {
    const count = starts[bucket + 1] as number;
    if (count > 0) bucketCount++;
    if (count > largestBucket) largestBucket = count;
    starts[bucket + 1] = (starts[bucket] as number) + count;
  }
  const codes = new Int32Array(bucketCount);
  const offsets = new Int32Array(bucketCount + 1);
  let listed = 0;
  for (let bucket = 0; bucket < starts.length - 1; bucket++) {
    if (starts[bucket] === starts[bucket + 1]) continue;
    codes[listed] = bucket;
    offsets[++listed] = starts[bucket + 1] as number;
  }
  const ids = new Int32Array(itemCount);
  for (let id = 0; id < itemCount; id++) ids[(starts[bucketOf(id)] as number)++] = id;
  return { codes, offsets, ids, largestBucket };
}

/**
 * Moves classes out of their buckets, behind the last one, in their order. `outliers` are ids, ascending. A bucket that is
 * left without a class is no longer listed. `ids` is changed in place. Also returns the former positions of the outliers.
 */
export function moveBehind(
  { codes, offsets, ids }: InvertedLists,
  outliers: Int32Array,
): { readonly lists: InvertedLists; readonly positions: Int32Array } {
  const rankOf = new Map(Array.from(outliers, (id, rank) => [id, rank]));
  const positions = new Int32Array(outliers.length);
  const keptCodes: number[] = [];
  const keptOffsets: number[] = [0];
  let [kept, largestBucket] = [0, 0];
  for (const [bucket, code] of codes.entries()) {
    const before = kept;
    for (let at = offsets[bucket] as number; at < (offsets[bucket + 1] as number); at++) {
      const id = ids[at] as number;
      const rank = rankOf.get(id);
      if (rank === undefined) ids[kept++] = id;
      else positions[rank] = at;
    }
    if (kept === before) continue;
    keptCodes.push(code);
    keptOffsets.push(kept);
    largestBucket = Math.max(largestBucket, kept - before);
  }
  ids.set(outliers, kept);
  const lists = { codes: Int32Array.from(keptCodes), offsets: Int32Array.from(keptOffsets), ids, largestBucket };
  return { lists, positions };
}
