import { positionsOf, type ReferenceIndex } from "../reference/reference-index.ts";
import type { Conditions } from "../reference/weights.ts";
import { inTurn } from "../run/turns.ts";

/**
 * The positions of an index for which `isExcluded` holds. It is called with the place within the bucket and the
 * bucket's size.
 */
export function excludedWhere(
  index: ReferenceIndex,
  isExcluded: (place: number, count: number, bucket: number) => boolean,
): Set<number> {
  const excluded = new Set<number>();
  for (const bucket of index.bucketCodes.keys()) {
    const { first, count } = positionsOf(index, bucket);
    for (let place = 0; place < count; place++) if (isExcluded(place, count, bucket)) excluded.add(first + place);
  }
  return excluded;
}

/**
 * Temperatures and filters of every kind for an index, named by what is special about them. A test takes one or two of
 * them, and the next test takes others. `npm run test:cases` takes all.
 */
export function conditionsOf(index: ReferenceIndex): [name: string, conditions: Conditions][] {
  const { itemCount, bucketCount } = index.facts;
  const where = (isExcluded: (place: number, count: number, bucket: number) => boolean) =>
    excludedWhere(index, isExcluded);
  const middle = bucketCount >> 1;
  const all: [name: string, conditions: Conditions][] = [
    ["T = .5", { temperature: 0.5 }],
    ["T = 3.7", { temperature: 3.7 }],
    ["without the first of each bucket", { excluded: where((place) => place === 0) }],
    [
      "without the middle of each bucket",
      { excluded: where((place, count) => place === count >> 1), temperature: 0.5 },
    ],
    ["without the last two of each bucket", { excluded: where((place, count) => place >= count - 2) }],
    ["without one bucket", { excluded: where((_place, _count, bucket) => bucket === middle) }],
    ["without two buckets of three", { excluded: where((_place, _count, bucket) => bucket % 3 > 0), temperature: 3.7 }],
    ["one class of eleven", { excluded: where((place, _count, bucket) => (place + bucket) % 11 > 0) }],
    [
      "one class",
      { excluded: new Set([...index.ids.keys()].filter((position) => position !== itemCount >> 1)), temperature: 3.7 },
    ],
    ["no class", { excluded: new Set(index.ids.keys()) }],
  ];
  return inTurn(all, 7);
}
