import { idsByPosition } from "../memory/ids-by-position.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/** Classes in the order in which truncations keep them: larger score first, then lower id. */
export interface Ranked {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
}

/** The factor by which a head grows while too much of a nucleus is in doubt. Each head is ranked. */
export const HEAD_GROWTH = 4;

/** At least this many of the best classes are collected in order, so that a smaller topK has no others to rank. */
export const LEAST_ROOM = 64;

/** The radix sort reads a key of 32 bits in three digits. */
const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;
const KEY_BITS = 32;

/** Ranks classes by a radix sort in O(n), because a nucleus can have 100,000 of them. */
export function rank(ids: Int32Array, scores: Float32Array): Ranked {
  const count = ids.length;
  // Keys move along with the places of their classes: looking them up by place, out of order, takes longer.
  let keys = keysOf(scores);
  let sortedKeys = new Uint32Array(count);
  let order = new Uint32Array(count);
  let sorted = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  for (let shift = 0; shift < KEY_BITS; shift += DIGIT_BITS) {
    const places = placesOf(keys, shift);
    for (let i = 0; i < count; i++) {
      const key = keys[i] as number;
      const digit = (key >>> shift) & (DIGITS - 1);
      const place = places[digit] as number;
      places[digit] = place + 1;
      sortedKeys[place] = key;
      sorted[place] = order[i] as number;
    }
    [keys, sortedKeys] = [sortedKeys, keys];
    [order, sorted] = [sorted, order];
  }
  const ranked = { ids: new Int32Array(count), scores: new Float32Array(count) };
  for (let i = 0; i < count; i++) {
    ranked.ids[i] = ids[order[i] as number] as number;
    ranked.scores[i] = scores[order[i] as number] as number;
  }
  orderTies(ranked);
  return ranked;
}

/** Returns numbers of 32 bits without a sign that ascend where scores descend. −0 becomes 0, which it equals. */
function keysOf(scores: Float32Array): Uint32Array<ArrayBuffer> {
  const keys = new Uint32Array(scores.length);
  const floats = new Float32Array(keys.buffer);
  for (let i = 0; i < keys.length; i++) {
    floats[i] = (scores[i] as number) + 0;
    const bits = keys[i] as number;
    keys[i] = bits >>> 31 === 1 ? bits : ~(bits | 0x80000000);
  }
  return keys;
}

/** Returns the first place of each digit in the sorted order. */
function placesOf(keys: Uint32Array, shift: number): Uint32Array {
  const places = new Uint32Array(DIGITS);
  for (let i = 0; i < keys.length; i++) {
    const digit = ((keys[i] as number) >>> shift) & (DIGITS - 1);
    places[digit] = (places[digit] as number) + 1;
  }
  let next = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = places[digit] as number;
    places[digit] = next;
    next += count;
  }
  return places;
}

/** Orders classes of equal scores by their ids. */
function orderTies({ ids, scores }: Ranked): void {
  for (let first = 0, end = 1; first < ids.length; first = end, end++) {
    while (end < ids.length && scores[end] === scores[first]) end++;
    if (end - first > 1) ids.subarray(first, end).sort();
  }
}

/** Throws a RangeError if there are no classes, or all are filtered out. */
export function checkLeft(allowedCount: number): void {
  if (allowedCount === 0) {
    throw new RangeError(
      '"allow", "exclude", "filter", "namespace" and "bias" expected to leave a class that the index has, got none',
    );
  }
}

/**
 * Throws a RangeError if more classes have to be ranked than a call allows. Nobody knows their number before the query is
 * scored, and so a limit on the time of a call has to be kept here.
 */
export function checkRanked(count: number, maxRanked: number): void {
  if (count <= maxRanked) return;
  throw new RangeError(
    `"maxRanked" expected at least ${count}, which is how many classes this query has to rank, got ${maxRanked}: give a larger "minP", a "topK" of at most ${LEAST_ROOM}, a smaller "topP" or a lower "temperature"`,
  );
}

/** Ranks classes that are given by their positions. */
export function rankPositions(opened: OpenedIndex, positions: Int32Array, scores: Float32Array): Ranked {
  const byPosition = idsByPosition(opened);
  const ids = new Int32Array(positions.length);
  for (let i = 0; i < ids.length; i++) ids[i] = byPosition[positions[i] as number] as number;
  return rank(ids, scores);
}
