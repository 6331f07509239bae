import { shown } from "../checks/check.ts";
import type { DeclaredColumn } from "./class-values.ts";
import type { RowFacts } from "./stored-changes.ts";

/** The facts about the rows of a file of changes, or of the index that it belongs to. */
interface ChangedFacts extends RowFacts {
  readonly columns: readonly DeclaredColumn[];
}

const NAMES = ["dim", "rows", "hasBias", "hasResiduals"] as const;

/**
 * Refuses a file of changes with other rows than those of its index, although it names that index: its bytes would be read as rows
 * of another length or type. A file without values states no columns.
 *
 * @throws RangeError that names the fact
 */
export function checkFacts(given: ChangedFacts, own: ChangedFacts): void {
  for (const name of NAMES) {
    if (given[name] === own[name]) continue;
    throw new RangeError(`changes expected ${name} ${shown(own[name])}, as in the index, got ${shown(given[name])}`);
  }
  const [columns, expected] = [given.columns, own.columns].map(textOf);
  if (given.columns.length === 0 || columns === expected) return;
  throw new RangeError(`changes expected the columns ${expected}, as in the index, got ${columns}`);
}

const textOf = (columns: readonly DeclaredColumn[]): string =>
  JSON.stringify(columns.map(({ name, type }) => [name, type]));
