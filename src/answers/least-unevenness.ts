import { LARGE_BUCKET } from "../abi.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/**
 * Returns the least variance, relative to the squared mean, of the part A of a bucket that a bitmap leaves (docs/method.md, 4):
 * that of n classes taken by chance, where n is the mean size of a bucket. In a large bucket, A is 1 for a class that is left, and
 * 0 for another one. If the bitmap leaves nearly all classes, draws may meet none that is left out, and do not show this variance.
 */
export function leastUnevenness({ conditions, header }: OpenedIndex): number {
  const { itemCount, bucketCount } = header.facts;
  const share = conditions.thinnedShare;
  if (share === undefined) return 0;
  const size = itemCount / bucketCount;
  return (1 - share) / share / (size > LARGE_BUCKET ? 1 : size);
}
