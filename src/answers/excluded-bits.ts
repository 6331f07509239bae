import type { OpenedIndex } from "../memory/opened-index.ts";

/** The bits of the filter in place, 32 positions a word and the lowest bit first. It leaves changed classes out, too. */
export const filterInPlace = ({ kernels, plan, header }: OpenedIndex): Int32Array =>
  new Int32Array(kernels.memory.buffer, plan.regions.excluded, Math.ceil(header.facts.itemCount / 32));

/** The bits of the classes that are filtered out. Those with changed logits are not, though the filter has them. */
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
