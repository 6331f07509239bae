import type { OpenedIndex } from "../memory/opened-index.ts";

/** The filter in place, 32 positions a word and the lowest bit first: 1 where a class is filtered out. */
export const excludedBits = ({ kernels, plan, header }: OpenedIndex): Int32Array =>
  new Int32Array(kernels.memory.buffer, plan.regions.excluded, Math.ceil(header.facts.itemCount / 32));
