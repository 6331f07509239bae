import type { ReadFiles } from "./changed-files.ts";

/** Returns a note if the labels of a table are not those of an index, so that a difference from the table would not fit it. */
export function noteOfOtherTable(
  table: string,
  labels: readonly string[],
  file: string,
  { known, itemCount }: Pick<ReadFiles, "known" | "itemCount">,
): string | undefined {
  const unknown = labels.length - known;
  const missing = itemCount - known;
  if (unknown === 0 && missing === 0) return undefined;
  return (
    `${table}: ${unknown} of its ${labels.length} labels are not in ${file}, and ${missing} of the ${itemCount} classes there ` +
    "are not in it: expected the table that the index was built from as <old>, or --after with the number of the changes that led " +
    "to this one"
  );
}
