import { idsOf, rowCount } from "../model/examples.ts";
import type { Sequences } from "./sequences.ts";

/** The largest distance behind an item at which another one counts as following it. */
const WINDOW = 3;
/** The last items of a sequence that vote for the next one, each half as much as the one after it. */
const VOTES = 5;

export const BASELINES = ["popularity", "item-to-item counts"] as const;
export type Baseline = (typeof BASELINES)[number];

/** An item that is to be found, and those before it. */
export interface Asked {
  readonly items: Int32Array;
  readonly target: number;
}

/** Returns the last item of each sequence that has an item before it. */
export function lastAsked(sequences: Sequences): Asked[] {
  const all = Array.from({ length: rowCount(sequences) }, (_, row) => idsOf(sequences, row));
  return all
    .filter(({ length }) => length > 1)
    .map((items) => ({ items: items.subarray(0, -1), target: items.at(-1) as number }));
}

/**
 * Returns a function of the ranks of the items that are asked for, 0 for the best, by two rules without a model: by how often an
 * item occurs in `train`, and by how often it follows the last items of the sequence there. Of equals the lower id is first. With
 * `withoutSeen`, items of the sequence are not ranked, except the one to find.
 */
export function baselineRanksIn(
  train: Sequences,
): (asked: readonly Asked[], withoutSeen: boolean) => Readonly<Record<Baseline, readonly number[]>> {
  const occurrences = occurrencesIn(train);
  const placeOf = placesByPopularity(occurrences);
  const voting = startVoting(train, occurrences);
  return (asked, withoutSeen) => {
    const leftOut = ({ items }: Asked): ReadonlySet<number> => new Set(withoutSeen ? items : []);
    return {
      popularity: asked.map((one) => {
        const place = placeOf[one.target] as number;
        return place - countOf(leftOut(one), (id) => (placeOf[id] as number) < place);
      }),
      "item-to-item counts": asked.map((one) => voting(one, leftOut(one))),
    };
  };
}

/** Where each item occurs: item i at `places` from `begins[i]` up to `begins[i + 1]`. Takes 5 bytes per item of the sequences. */
interface Occurrences {
  readonly begins: Uint32Array;
  readonly places: Uint32Array;
  /** The number of items behind each place that follow it, at most WINDOW. */
  readonly following: Uint8Array;
}

function occurrencesIn(train: Sequences): Occurrences {
  const { ids, offsets, itemCount } = train;
  const begins = new Uint32Array(itemCount + 1);
  for (const id of ids) begins[id + 1] = (begins[id + 1] as number) + 1;
  for (let id = 0; id < itemCount; id++) begins[id + 1] = (begins[id + 1] as number) + (begins[id] as number);
  const next = begins.slice();
  const places = new Uint32Array(ids.length);
  for (const [at, id] of ids.entries()) {
    places[next[id] as number] = at;
    next[id] = (next[id] as number) + 1;
  }
  const following = new Uint8Array(ids.length);
  for (let row = 0; row < rowCount(train); row++) {
    const end = offsets[row + 1] as number;
    for (let at = offsets[row] as number; at < end; at++) following[at] = Math.min(WINDOW, end - 1 - at);
  }
  return { begins, places, following };
}

const timesOf = ({ begins }: Occurrences, id: number): number => (begins[id + 1] as number) - (begins[id] as number);

function placesByPopularity(occurrences: Occurrences): Int32Array {
  const placeOf = new Int32Array(occurrences.begins.length - 1);
  const order = Array.from(placeOf, (_, id) => id);
  order.sort((a, b) => timesOf(occurrences, b) - timesOf(occurrences, a) || a - b);
  for (const [place, id] of order.entries()) placeOf[id] = place;
  return placeOf;
}

/** Returns a function that ranks an item by the votes of those before it. It counts as a table of all pairs in f32 does. */
function startVoting(
  { ids, itemCount }: Sequences,
  occurrences: Occurrences,
): (asked: Asked, leftOut: ReadonlySet<number>) => number {
  const counts = new Float32Array(itemCount);
  const scores = new Float64Array(itemCount);
  const { begins, places, following } = occurrences;
  const count = (item: number): Set<number> => {
    const found = new Set<number>();
    for (const at of places.subarray(begins[item], begins[item + 1])) {
      for (let ahead = 1; ahead <= (following[at] as number); ahead++) {
        const id = ids[at + ahead] as number;
        counts[id] = (counts[id] as number) + 1 / ahead;
        found.add(id);
      }
    }
    return found;
  };
  return ({ items, target }, leftOut) => {
    const scored = new Set<number>();
    for (const [back, item] of items.slice(-VOTES).reverse().entries()) {
      const weight = 2 ** -back / Math.max(1, timesOf(occurrences, item));
      for (const id of count(item)) {
        scores[id] = (scores[id] as number) + weight * (counts[id] as number);
        counts[id] = 0;
        scored.add(id);
      }
    }
    const rank = rankAmong(scores, scored, target, leftOut);
    for (const id of scored) scores[id] = 0;
    return rank;
  };
}

/** The rank of an item by its score. Only the scores of `scored` are above 0. */
function rankAmong(
  scores: Float64Array,
  scored: ReadonlySet<number>,
  target: number,
  leftOut: ReadonlySet<number>,
): number {
  const own = scores[target] as number;
  const isBefore = (id: number): boolean => {
    const score = scores[id] as number;
    return !leftOut.has(id) && (score > own || (score === own && id < target));
  };
  const before = countOf(scored, isBefore);
  if (own > 0) return before;
  const isLower = (id: number): boolean => id < target;
  return before + target - countOf(scored, isLower) - countOf(leftOut, (id) => isLower(id) && !scored.has(id));
}

function countOf(ids: Iterable<number>, is: (id: number) => boolean): number {
  let count = 0;
  for (const id of ids) count += Number(is(id));
  return count;
}
