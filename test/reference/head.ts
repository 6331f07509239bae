import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { listPositions } from "./filter.ts";
import { orderKey } from "./masses.ts";
import { firstOutlierOf, positionsOf } from "./reference-index.ts";

/**
 * The smallest key of a candidate. By mass per class it is 2^-124, below which a factor may be clamped. By logarithm it
 * is anything above −2^126, which leaves out empty slots alone.
 */
export const MASS_FLOOR = orderKey(2 ** -124);
export const LOG_FLOOR = orderKey(-(2 ** 126)) + 1;

/** The buckets that are scored exactly. */
export interface Head {
  /** Ascending. */
  readonly headBuckets: Int32Array;
  /** Their slots, ascending. */
  readonly headSlots: Int32Array;
  /** The number of their classes and of the outliers. */
  readonly headCount: number;
}

/**
 * Chooses the head (docs/method.md, section 3). The outliers are in every head, and count towards `scan` up to a quarter
 * of it. Buckets enter by descending key (mass per class), ties by lower bucket, until the first that would bring the
 * head over max(scan, k) classes. While the head has fewer than k classes, the
 * next bucket enters whatever its size. Buckets with a key below `floor` are left out, unless max(scan, k) covers all
 * classes that are not excluded: then every bucket enters.
 */
export function selectHead(index: DerivedIndex, slotKeys: Int32Array, floor: number, scan: number, k: number): Head {
  const { slotBuckets, slotCounts } = index.slots;
  const outliers = index.allowedOutliers;
  const inBuckets = Math.max(k - outliers, 0);
  const budget = Math.max(scan - Math.min(outliers, Math.floor(scan / 4)), inBuckets);
  const takesAll = budget >= index.allowedCount - outliers;
  const candidates = Array.from(slotBuckets.keys())
    .filter((slot) => at(slotBuckets, slot) >= 0 && (takesAll || at(slotKeys, slot) >= floor))
    .sort((a, b) => at(slotKeys, b) - at(slotKeys, a) || at(slotBuckets, a) - at(slotBuckets, b));
  const headSlots: number[] = [];
  let taken = 0;
  for (const slot of candidates) {
    const count = at(slotCounts, slot);
    const completes = taken < inBuckets;
    if (taken + count > budget && !completes) break;
    headSlots.push(slot);
    taken += count;
  }
  headSlots.sort((a, b) => a - b);
  const headBuckets = Int32Array.from(headSlots, (slot) => at(slotBuckets, slot));
  return { headBuckets, headSlots: Int32Array.from(headSlots), headCount: outliers + taken };
}

/** The positions of the head's classes, ascending: those of its buckets, then the outliers. */
export const headPositions = (index: DerivedIndex, headBuckets: Int32Array): Int32Array =>
  Int32Array.from([
    ...Array.from(headBuckets).flatMap((bucket) => {
      const { first, end } = positionsOf(index, bucket);
      return Array.from(listPositions(index, first, end));
    }),
    ...listOutliers(index),
  ]);

/** The positions of the outliers that are not excluded. */
export const listOutliers = (index: DerivedIndex): Int32Array =>
  listPositions(index, firstOutlierOf(index), index.facts.itemCount);
