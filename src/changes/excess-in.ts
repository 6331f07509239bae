import type { MultiIndex } from "../index/multi-index.ts";
import { openedOf } from "../parts/opened-of.ts";
import { Bounds, excessOf } from "./bounds.ts";
import { decodeChanges } from "./changes-file.ts";
import { rowNorms } from "./row-norms.ts";
import { rowFactsOf } from "./stored-changes.ts";

/**
 * Returns what is too large for an index of the first row or bias in a file of changes that is, if any. The index must be as it
 * was loaded.
 */
export function excessIn(index: MultiIndex, bytes: Uint8Array): string | undefined {
  const opened = openedOf(index);
  const { ofFile } = new Bounds(opened);
  if (!ofFile) return undefined;
  const { labels, stored } = decodeChanges(bytes);
  const norms = rowNorms(stored, rowFactsOf(opened.header.facts));
  for (const { label, row } of labels) {
    if (row < 0) continue;
    const excess = excessOf(label, row, { norm: norms[row] as number, bias: stored.biases?.[row] ?? 0 }, ofFile);
    if (excess) return excess.problem;
  }
  return undefined;
}
