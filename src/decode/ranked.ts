import type { OpenedIndex } from "../memory/opened-index.ts";

/** Classes in the order in which truncations keep them: larger score first, then lower id. */
export interface Ranked {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
}

/** The radix sort reads a key of 32 bits in three digits. */
const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;
const KEY_BITS = 32;

/** Ranks classes by a radix sort in O(n), because a nucleus can have 100,000 of them. */
export function rank(ids: Int32Array, scores: Float32Array): Ranked {
  const count = ids.length;
  const keys = keysOf(scores);
  let order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  let sorted = new Uint32Array(count);
  for (let shift = 0; shift < KEY_BITS; shift += DIGIT_BITS) {
    const places = placesOf(keys, shift);
    for (let i = 0; i < count; i++) {
      const item = order[i] as number;
      const digit = ((keys[item] as number) >>> shift) & (DIGITS - 1);
      const place = places[digit] as number;
      places[digit] = place + 1;
      sorted[place] = item;
    }
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
function keysOf(scores: Float32Array): Uint32Array {
  const bits = new Int32Array(scores.map((score) => score + 0).buffer);
  const keys = new Uint32Array(bits.length);
  for (let i = 0; i < keys.length; i++) {
    const value = bits[i] as number;
    keys[i] = value < 0 ? value : ~(value | 0x80000000);
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

/** The ids of the classes in the order of the buckets. */
const idsByPosition = ({ kernels, plan, header }: OpenedIndex): Int32Array =>
  new Int32Array(kernels.memory.buffer, plan.file + (header.tensors.ids?.begin ?? 0), header.facts.itemCount);

/** Ranks classes that are given by their positions. */
export function rankPositions(opened: OpenedIndex, positions: Int32Array, scores: Float32Array): Ranked {
  const byPosition = idsByPosition(opened);
  const ids = new Int32Array(positions.length);
  for (let i = 0; i < ids.length; i++) ids[i] = byPosition[positions[i] as number] as number;
  return rank(ids, scores);
}
