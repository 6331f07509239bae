import type { Sequences } from "../../src/train/sequences/sequences.ts";
import { type Asked, askedOf, type Protocol } from "./protocols.ts";

/** The largest distance behind an item at which another one counts as following it. */
const WINDOW = 3;
/** The last items of a sequence that vote for the next one, each half as much as the one after it. */
const VOTES = 5;

export const BASELINES = ["popularity", "item-to-item counts"] as const;
export type Baseline = (typeof BASELINES)[number];

interface Counts {
  /** How often each item occurs. */
  readonly popularity: Float64Array;
  /** How often items follow an item, by both. Most pairs never occur, and have no entry. */
  readonly follows: readonly ReadonlyMap<number, number>[];
}

/**
 * Returns the ranks of the items that a protocol asks for, 0 for the best, by two rules without a model: by how often an item
 * occurs in `train`, and by how often it follows the last items of the sequence there. Of equals the lower id is first.
 */
export function baselineRanks(
  train: Sequences,
  test: Sequences,
  protocol: Pick<Protocol, "positions" | "withoutSeen">,
): Readonly<Record<Baseline, readonly number[]>> {
  const counts = countsOf(train);
  const asked = askedOf(test, protocol).flat();
  const leftOut = ({ items }: Asked): ReadonlySet<number> => new Set(protocol.withoutSeen ? items : []);
  const byPopularity = Array.from(counts.popularity, (_, id) => id);
  byPopularity.sort((a, b) => (counts.popularity[b] as number) - (counts.popularity[a] as number) || a - b);
  const placeOf = new Int32Array(byPopularity.length);
  for (const [place, id] of byPopularity.entries()) placeOf[id] = place;
  return {
    popularity: asked.map((one) => {
      const place = placeOf[one.target] as number;
      return place - countOf(leftOut(one), (id) => (placeOf[id] as number) < place);
    }),
    "item-to-item counts": asked.map((one) => rankAmong(votesFor(one, counts), one.target, leftOut(one))),
  };
}

/** Counts pairs as a table of all of them in f32 does, which would have the square of the number of items. */
function countsOf({ offsets, ids, itemCount }: Sequences): Counts {
  const popularity = new Float64Array(itemCount);
  const follows = Array.from({ length: itemCount }, () => new Map<number, number>());
  for (let row = 0; row + 1 < offsets.length; row++) {
    const items = ids.subarray(offsets[row], offsets[row + 1]);
    for (const [at, item] of items.entries()) {
      popularity[item] = (popularity[item] as number) + 1;
      for (let back = 1; back <= Math.min(WINDOW, at); back++) {
        const following = follows[items[at - back] as number] as Map<number, number>;
        following.set(item, Math.fround((following.get(item) ?? 0) + 1 / back));
      }
    }
  }
  return { popularity, follows };
}

/** The scores of the items that follow the last ones somewhere. All others have 0. */
function votesFor({ items }: Asked, { popularity, follows }: Counts): ReadonlyMap<number, number> {
  const scores = new Map<number, number>();
  for (let back = 1; back <= Math.min(VOTES, items.length); back++) {
    const item = items[items.length - back] as number;
    const weight = 2 ** (1 - back) / Math.max(1, popularity[item] as number);
    for (const [id, count] of follows[item] as ReadonlyMap<number, number>) {
      scores.set(id, (scores.get(id) ?? 0) + weight * count);
    }
  }
  return scores;
}

/** The rank of an item by scores above 0, where items without one come last. */
function rankAmong(scores: ReadonlyMap<number, number>, target: number, leftOut: ReadonlySet<number>): number {
  const own = scores.get(target) ?? 0;
  let before = 0;
  for (const [id, score] of scores) {
    if (!leftOut.has(id) && (score > own || (score === own && id < target))) before++;
  }
  if (own > 0) return before;
  const isLower = (id: number): boolean => id < target;
  const lower = countOf(scores.keys(), isLower) + countOf(leftOut, (id) => isLower(id) && !scores.has(id));
  return before + target - lower;
}

function countOf(ids: Iterable<number>, is: (id: number) => boolean): number {
  let count = 0;
  for (const id of ids) count += Number(is(id));
  return count;
}
