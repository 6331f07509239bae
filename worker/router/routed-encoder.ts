import { type Item, itemIds } from "../../src/encoder/item-ids.ts";
import type { SharedEncoder } from "../../src/encoder/shared-encoder.ts";
import type { ServedIndex } from "../host/served-index.ts";
import type { ItemEncoder } from "../sequences/encoders.ts";

/**
 * The encoder of one request to a router. The rows of items, and the ids of labels, come from the parts: those that no answer
 * has carried are noted, and the answer begins anew.
 */
export function routedEncoder(
  index: Pick<ServedIndex, "info" | "idsOf" | "rows" | "isRemoved">,
  shared: SharedEncoder,
): ItemEncoder {
  const { dim, itemCount, hasLabels } = index.info;
  const find = (label: string): number | undefined => {
    try {
      return index.idsOf([label])[0];
    } catch {
      return undefined; // no part has it
    }
  };
  const hasVector = (id: number): boolean => !index.isRemoved?.(id);
  const known = { itemCount, hasLabels, find, hasVector };
  const vectorsOf = (ids: readonly number[]): Float32Array[] => {
    const rows = index.rows(ids);
    return ids.map((_, i) => rows.subarray(i * dim, (i + 1) * dim));
  };
  const { units, length, start } = shared;
  const lastOf = (...[sequence, options]: Parameters<ItemEncoder["encode"]>): Float32Array[] =>
    vectorsOf(itemIds(sequence, options, known).slice(-length));
  return {
    units,
    length,
    start,
    encode: (sequence, options) => shared.encode(lastOf(sequence, options)),
    read: (state, sequence, options) => shared.read(state, lastOf(sequence, options)),
    lookUp(items) {
      const ids = items.flatMap((item) => idIn(item as Item));
      if (ids.length > 0) vectorsOf(ids);
    },
  };

  /** Returns no id for an item that `read` refuses. */
  function idIn(item: Item): number[] {
    try {
      return itemIds([item], {}, known);
    } catch {
      return [];
    }
  }
}
