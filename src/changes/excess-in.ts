import type { MultiIndex } from "../index/multi-index.ts";
import { openedOf } from "../parts/opened-of.ts";
import { Bounds, excessOf, type Largest } from "./bounds.ts";
import { decodeChanges } from "./changes-file.ts";
import { rowNorms } from "./row-norms.ts";

/** Returns the largest row and bias of an index as it was loaded. Undefined without classes. */
export const largestIn = (index: MultiIndex): Largest | undefined => new Bounds(openedOf(index)).ofFile;

/** Returns what is too large beside these of the first row or bias in a file of changes that is, if any. */
export function excessIn(bytes: Uint8Array, largest: Largest | undefined): string | undefined {
  if (!largest) return undefined;
  const { labels, stored, facts } = decodeChanges(bytes);
  const norms = rowNorms(stored, facts);
  for (const { label, row } of labels) {
    if (row < 0) continue;
    const excess = excessOf(label, row, { norm: norms[row] as number, bias: stored.biases?.[row] ?? 0 }, largest);
    if (excess) return excess.problem;
  }
  return undefined;
}
