// Bits by position, 32 a word and the lowest bit first.

export const isSet = (bits: Int32Array, position: number): boolean =>
  (((bits[position >> 5] as number) >> (position & 31)) & 1) === 1;

/** Returns the number of bits of a word that are 1. */
export function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Sets the bits that are set in others, and returns how many of them were not. */
export function addBits(bits: Int32Array, others: Int32Array): number {
  let added = 0;
  for (let i = 0; i < others.length; i++) {
    const word = bits[i] as number;
    for (let rest = (others[i] as number) & ~word; rest !== 0; rest &= rest - 1) added++;
    bits[i] = word | (others[i] as number);
  }
  return added;
}
