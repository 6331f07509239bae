import { at } from "./at.ts";
import type { BoundedQuery } from "./bounds.ts";
import type { DerivedIndex } from "./buckets.ts";
import { codesOf, positionsOf } from "./reference-index.ts";

const f32 = Math.fround;

/** threshold / T − slack, rounded down to f32. */
function leastBound({ inverseTemperature }: DerivedIndex, { slack }: BoundedQuery, threshold: number): number {
  const exact = f32(threshold) * inverseTemperature - slack;
  return f32(exact - Math.abs(exact) * 2 ** -23);
}

/** s_b + slope · radius + largest bias / T, for the bucket in a slot. */
function bucketBound(index: DerivedIndex, query: BoundedQuery, slot: number): number {
  const reach = f32(f32(query.slope) * at(query.slotRadii, slot));
  const top = f32(index.inverseTemperature * at(query.slotTops, slot));
  return f32(f32(subScore(index, query, slot) + reach) + top);
}

function subScore(index: DerivedIndex, { subScores1, subScores2 }: BoundedQuery, slot: number): number {
  const { k1, k2 } = codesOf(index, at(index.slots.slotBuckets, slot));
  return f32(at(subScores1, k1) + at(subScores2, k2));
}

/** Where `survivors` continues: in the first of `candidateSlots`, from `position` on or from its start. */
export interface Cursor {
  readonly candidateSlots: readonly number[];
  readonly position: number | undefined;
}

/** The slots outside the head whose bound reaches the threshold, ascending. `count` is their number of classes. */
export function candidates(
  index: DerivedIndex,
  query: BoundedQuery,
  headSlots: Int32Array,
  threshold: number,
): Cursor & { readonly count: number } {
  const { slotBuckets, slotCounts } = index.slots;
  const least = leastBound(index, query, threshold);
  const candidateSlots = Array.from(slotBuckets.keys()).filter(
    (slot) => at(slotBuckets, slot) >= 0 && !headSlots.includes(slot) && bucketBound(index, query, slot) >= least,
  );
  const count = candidateSlots.reduce((sum, slot) => sum + at(slotCounts, slot), 0);
  return { candidateSlots, position: undefined, count };
}

/**
 * The share of the classes in buckets whose bound reaches the threshold, the head included, in groups 0, stride, 2 ·
 * stride, ….
 */
export function candidateShare(index: DerivedIndex, query: BoundedQuery, threshold: number, stride: number): number {
  const { slotBuckets, slotCounts } = index.slots;
  const least = leastBound(index, query, threshold);
  const looked = Array.from(slotBuckets.keys()).filter(
    (slot) => at(slotBuckets, slot) >= 0 && codesOf(index, at(slotBuckets, slot)).k1 % stride === 0,
  );
  const classes = (slots: readonly number[]): number => slots.reduce((sum, slot) => sum + at(slotCounts, slot), 0);
  const reaching = looked.filter((slot) => bucketBound(index, query, slot) >= least);
  return classes(looked) > 0 ? classes(reaching) / classes(looked) : 0;
}

/**
 * The positions of the classes whose own bound reaches the threshold, in order, up to `room`. A bucket is read four
 * classes at a time, and no four are begun that might not fit.
 */
export function survivors(
  index: DerivedIndex,
  query: BoundedQuery,
  cursor: Cursor,
  threshold: number,
  room: number,
): { readonly positions: number[]; readonly cursor: Cursor } {
  const least = leastBound(index, query, threshold);
  const positions: number[] = [];
  let { candidateSlots, position: from } = cursor;
  for (; candidateSlots.length > 0; candidateSlots = candidateSlots.slice(1), from = undefined) {
    const slot = at(candidateSlots, 0);
    if (bucketBound(index, query, slot) < least) continue;
    const { first, end } = positionsOf(index, at(index.slots.slotBuckets, slot));
    const needed = f32(least - subScore(index, query, slot));
    let position = from ?? first;
    for (; position < end && positions.length + 4 <= room; position += 4) {
      for (let p = position; p < Math.min(position + 4, end); p++) {
        if (!index.excluded.has(p) && ownBound(index, query, p) >= needed) positions.push(p);
      }
    }
    if (position < end) return { positions, cursor: { candidateSlots, position } };
  }
  return { positions, cursor: { candidateSlots, position: undefined } };
}

/** slope · norm + bias / T of a class. */
function ownBound({ bias, inverseTemperature }: DerivedIndex, query: BoundedQuery, position: number): number {
  const reach = f32(f32(query.slope) * at(query.residualNorms, position));
  return bias ? f32(reach + f32(inverseTemperature * at(bias, position))) : reach;
}
