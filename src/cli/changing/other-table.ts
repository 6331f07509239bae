import { fileLabels } from "../../changes/file-labels.ts";
import type { MultiIndex } from "../../index.ts";
import { openedOf } from "../../parts/opened-of.ts";

/** Returns a note if the labels of a table are not those of an index, so that a difference from the table would not fit it. */
export function noteOfOtherTable(
  table: string,
  labels: readonly string[],
  file: string,
  index: MultiIndex,
): string | undefined {
  const { find } = fileLabels(openedOf(index));
  const unknown = labels.filter((label) => find(label) === undefined).length;
  const { itemCount } = index.info;
  const missing = itemCount - (labels.length - unknown);
  if (unknown === 0 && missing === 0) return undefined;
  return (
    `${table}: ${unknown} of its ${labels.length} labels are not in ${file}, and ${missing} of the ${itemCount} classes there ` +
    "are not in it: expected the table that the index was built from as <old>, or --after with the number of the changes that led " +
    "to this one"
  );
}
