import type { MultiIndex } from "../index/multi-index.ts";
import { openedOf } from "../parts/opened-of.ts";
import { Bounds, checkGrowth } from "./bounds.ts";
import { decodeChanges } from "./changes-file.ts";
import { rowNorms } from "./row-norms.ts";
import { rowFactsOf } from "./stored-changes.ts";

/**
 * Throws the RangeError with which an index refuses a file of changes for a row or bias that is too large. The index must be as it
 * was loaded.
 */
export function checkSizes(index: MultiIndex, bytes: Uint8Array): void {
  const opened = openedOf(index);
  const { ofFile } = new Bounds(opened);
  if (!ofFile) return;
  const { labels, stored } = decodeChanges(bytes);
  const norms = rowNorms(stored, rowFactsOf(opened.header.facts));
  for (const { label, row } of labels) {
    if (row < 0) continue;
    checkGrowth(label, row, { norm: norms[row] as number, bias: stored.biases?.[row] ?? 0 }, ofFile);
  }
}
