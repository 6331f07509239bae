import { quoteName } from "../../bytes/strict-json.ts";

/** Labels of rows, and the file that has them. */
export interface LabelledFile {
  readonly path: string;
  readonly labels: readonly (string | undefined)[] | undefined;
}

/**
 * Refuses a file beside a table, whose rows go by their places, if its labels say that the rows are in another order. Its ids may
 * also be of another kind, none of which is a label of the table.
 */
export function checkRowOrder(option: string, beside: LabelledFile, table: LabelledFile): void {
  const { labels } = table;
  if (labels === undefined || beside.labels === undefined) return;
  const isOther = (label: string | undefined, row: number): boolean => label !== undefined && label !== labels[row];
  if (!beside.labels.some(isOther)) return;
  const known = new Set(labels);
  const row = beside.labels.findIndex((label, i) => isOther(label, i) && known.has(label));
  if (row < 0) return;
  const [found, expected] = [beside.labels[row], labels[row]].map((label) => quoteName(label as string));
  throw new RangeError(
    `${beside.path}: '--${option}' expected the rows in the order of ${table.path}: row ${row} expected ${expected}, got ${found}`,
  );
}
