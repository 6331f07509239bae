import type { Codes } from "./encode.ts";

/** The classes sorted by bucket. */
export interface InvertedLists {
  /** k1·K + k2 of each bucket that has a class, ascending. */
  readonly codes: Int32Array;
  /** The start of each bucket in `ids`, and the end of the last bucket. */
  readonly offsets: Int32Array;
  /** The classes by bucket, ascending within each. */
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
