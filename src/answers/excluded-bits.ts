import type { OpenedIndex } from "../memory/opened-index.ts";

/** Returns the bits of the filter in place, 32 positions a word, lowest bit first. Those of changed classes are set, too. */
export const filterInPlace = ({ kernels, plan, header }: OpenedIndex): Int32Array =>
  new Int32Array(kernels.memory.buffer, plan.regions.excluded, Math.ceil(header.facts.itemCount / 32));

/** Returns the bits of the classes that are filtered out, without changed classes, whose bits the filter sets too. */
export function excludedBits(opened: OpenedIndex): Int32Array {
  const { changedCount } = opened.conditions;
  const bits = filterInPlace(opened);
  if (changedCount === 0) return bits;
  const excluded = bits.slice();
  const { buffer } = opened.kernels.memory;
  for (const position of new Int32Array(buffer, opened.plan.regions.changedPositions, changedCount)) {
    excluded[position >> 5] = (excluded[position >> 5] as number) & ~(1 << (position & 31));
  }
  return excluded;
}
