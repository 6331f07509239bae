import type { MultiIndex } from "../index/multi-index.ts";
import { openedOf } from "../parts/opened-of.ts";
import { ANY_SIZE, type Largest } from "./bounds.ts";
import type { ChangeSet } from "./change-set.ts";
import { classesOf, describeAnew, targetOf } from "./changeable-index.ts";
import { copyChangeSet } from "./copied-change-set.ts";
import { fileLabels } from "./file-labels.ts";
import type { RowFacts } from "./stored-changes.ts";

/** The facts about the file of a part that its changes are checked by, wherever that is done. */
export interface PartFacts {
  /** The form of stored rows. */
  readonly rows: RowFacts;
  /** The largest row and bias of the file. Absent in a file without classes. */
  readonly largest?: Largest;
}

/** Returns the facts about the file of an index that is one of several parts. It must have room for changes. */
export function partFactsOf(index: MultiIndex): PartFacts {
  const { rows, largest } = classesOf(index, "index");
  return { rows: rows.facts, ...(largest && { largest }) };
}

/** Returns the id that each label has in the file of an index, whatever changes have done; null for one that it lacks. */
export function fileIdsOf(index: MultiIndex, labels: readonly string[]): (number | null)[] {
  const file = fileLabels(openedOf(index));
  return labels.map((label) => file.find(label) ?? null);
}

/**
 * Applies those changes of a set that are of this part, perhaps with removals of labels that it lacks. Whoever has divided the set
 * has checked it by the files of all parts.
 * Throws as applyChanges does, and applies nothing then.
 */
export function applyToPart(index: MultiIndex, set: ChangeSet, sequence: number): void {
  const classes = classesOf(index, "index");
  const target = { ...targetOf(index), isLogged: true };
  const stored = { ...copyChangeSet(set, target), after: 0, sequence };
  const planned = classes.plan(stored, { largest: ANY_SIZE });
  if (planned.changes.length === 0) return;
  classes.commit(planned);
  describeAnew(index, classes);
}
