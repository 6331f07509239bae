// Bits by position, 32 a word and the lowest bit first.

export const isSet = (bits: Int32Array, position: number): boolean =>
  (((bits[position >> 5] as number) >> (position & 31)) & 1) === 1;

/** The number of bits of a word that are 1. */
export function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Returns the number of bits from `first` up to but not including `end` that are 0. */
export function countClear(bits: Int32Array, first: number, end: number): number {
  let count = 0;
  for (let word = first >> 5; word << 5 < end; word++) {
    const from = Math.max(first - (word << 5), 0);
    const to = Math.min(end - (word << 5), 32);
    const inside = (to === 32 ? -1 : (1 << to) - 1) & (-1 << from);
    count += ones(~(bits[word] as number) & inside);
  }
  return count;
}
