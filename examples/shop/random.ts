/** Numbers in [0, 1) that follow from a seed alone, in every runtime the same: mulberry32 by Tommy Ettinger. */
export type Random = () => number;

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const oneOf = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;

/** Returns one of the values, the first ones more often: the value at place i, from 0, with a weight of 1 / (i + 2). */
export function frequentOf<T>(random: Random, values: readonly T[]): T {
  const total = values.reduce((sum, _, i) => sum + 1 / (i + 2), 0);
  let left = random() * total;
  for (const [i, value] of values.entries()) {
    left -= 1 / (i + 2);
    if (left < 0) return value;
  }
  return values.at(-1) as T;
}
