import { type CallConditions, UNCONDITIONAL } from "./call-conditions.ts";
import { bitsOf, type FilteredIndex } from "./filtered-index.ts";
import { filterBytes } from "./plan.ts";

// The bits of the classes that a call can thin out (conditions.ts), where kernels find them: a bitmap of the call with a bit for
// each class, or a bit for each position of one that is excluded or that columns leave out.

/**
 * Returns the conditions that filter by weight where the others are thinned out, undefined where none can be: a bitmap alone can, and so
 * can a list of excluded classes, and a filter of columns if `thinsFilter` says so. With another list of 1, 8, 32 or 127 of 100,000
 * classes in each call, a predict takes 1.2 times as long as without conditions, and 1.25 to 2.3 times if the buckets of these
 * classes are weighed. With always the same list, it takes 1.2 and up to 1.1 times as long.
 */
export function rowsOf(
  { delta }: FilteredIndex,
  { temperature, allow, exclude, filtered }: CallConditions,
  thinsFilter: boolean,
): CallConditions | undefined {
  const canThinOut =
    allow instanceof Uint8Array
      ? filtered === undefined && delta === undefined
      : allow === undefined && (thinsFilter || exclude.length > 0);
  return canThinOut ? { ...UNCONDITIONAL, temperature, filtered: thinsFilter ? undefined : filtered } : undefined;
}

/**
 * Sets the bits of the excluded classes, and of those that a filter leaves out but not by weight, by position, where a bitmap would
 * lie. Returns how many of the `total` classes that are not filtered out by weight are left.
 */
export function placeLeftOut(
  opened: FilteredIndex,
  { exclude, filtered }: CallConditions,
  rows: CallConditions,
  total: number,
): number {
  const { plan, delta } = opened;
  const { buffer } = opened.kernels.memory;
  const positions = new Int32Array(buffer, plan.regions.positions, plan.capacity);
  const bits = new Int32Array(buffer, plan.regions.allowed, filterBytes(plan.capacity) >> 2).fill(0);
  const byWeight = bitsOf(opened);
  let left = total;
  if (filtered && !rows.filtered) {
    bits.set(filtered.bits);
    left = delta?.leaveOut(bits, filtered) ?? filtered.passing;
  }
  // A loop with "of" takes 1.6 times as long.
  for (let i = 0; i < exclude.length; i++) {
    const position = positions[exclude[i] as number] as number;
    const word = bits[position >> 5] as number;
    left -= 1 - (((word | (byWeight[position >> 5] as number)) >> (position & 31)) & 1);
    bits[position >> 5] = word | (1 << (position & 31));
  }
  return left;
}

/** Copies a bitmap. It may lack the last classes, which changes have added. */
export function copyBitmap({ kernels, plan }: FilteredIndex, bitmap: Uint8Array): Uint8Array {
  const copy = new Uint8Array(kernels.memory.buffer, plan.regions.allowed, filterBytes(plan.capacity));
  copy.fill(0, bitmap.length).set(bitmap);
  return copy;
}

/** Copies a bitmap, less the excluded classes. Returns the number of its classes. */
export function placeBitmap(opened: FilteredIndex, { allow, exclude }: CallConditions): number {
  const { kernels, plan, header } = opened;
  const { itemCount } = header.facts;
  const bitmap = copyBitmap(opened, allow as Uint8Array);
  if (itemCount & 7) (bitmap[itemCount >> 3] as number) &= (1 << (itemCount & 7)) - 1; // clears the bits behind the last class
  for (const id of exclude) (bitmap[id >> 3] as number) &= ~(1 << (id & 7));
  return kernels.countBits(plan.regions.allowed, filterBytes(itemCount));
}
