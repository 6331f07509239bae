import { ones } from "../memory/bits.ts";
import { lastAtMost } from "../memory/last-at-most.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { excludedBits } from "./excluded-bits.ts";
import type { Law } from "./popularity.ts";

/** Returns the uniform distribution. With a filter it counts the classes of all words once, O(N / 32). */
export function uniformLaw(opened: OpenedIndex): Law {
  const { allowedCount } = opened.conditions;
  const logMass = opened.kernels.log64(allowedCount);
  const rankAt = (uniform: number): number => Math.min(Math.floor(uniform * allowedCount), allowedCount - 1);
  const positionOf = allowedCount < opened.header.facts.itemCount ? positionByRank(opened) : (rank: number) => rank;
  return { positionAt: (uniform) => positionOf(rankAt(uniform)), logOf: () => -logMass, logMass };
}

/** Returns a function that finds the class that has `rank` classes before it that are not filtered out. */
function positionByRank(opened: OpenedIndex): (rank: number) => number {
  const { itemCount } = opened.header.facts;
  const bits = excludedBits(opened);
  const countBefore = new Int32Array(bits.length + 1);
  for (let word = 0; word < bits.length; word++) {
    const size = Math.min(32, itemCount - 32 * word);
    const outside = size < 32 ? -1 << size : 0;
    countBefore[word + 1] = (countBefore[word] as number) + 32 - ones((bits[word] as number) | outside);
  }
  return (rank) => {
    const word = lastAtMost(countBefore, rank);
    let left = rank - (countBefore[word] as number);
    let position = 32 * word;
    while (true) {
      const isLeftOut = ((bits[word] as number) >> (position & 31)) & 1;
      if (!isLeftOut && left-- === 0) return position;
      position++;
    }
  };
}
