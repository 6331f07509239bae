import * as structs from "../../build/structs.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/** The unit of a uniform number. */
const UNIT = 2 ** -53;

/**
 * Returns a function that gives uniform numbers in [0, 1) with 53 bits, by draw. As in the kernels they are functions
 * of (seed, query, purpose, draw).
 */
export function uniforms({ kernels, plan }: OpenedIndex, seed: bigint, purpose: number): (draw: number) => number {
  const { random, search } = plan.regions;
  const { buffer } = kernels.memory;
  const key = random + 16;
  const counter = random + 32;
  const view = new DataView(buffer);
  const hash = view.getBigUint64(search + structs.SEARCH_QUERY_HASH, true);
  return (draw) => {
    view.setBigUint64(key, seed, true);
    view.setBigUint64(counter, hash, true);
    view.setUint32(counter + 8, purpose, true);
    view.setUint32(counter + 12, draw, true);
    kernels.philox(key, counter, random);
    return (view.getUint32(random + 4, true) * 2 ** 21 + (view.getUint32(random, true) >>> 11)) * UNIT;
  };
}
