import { shown } from "../checks/check.ts";
import { checkGrowth, type Largest } from "./bounds.ts";
import type { ChangedClass } from "./changed-class.ts";
import { DeltaFullError } from "./delta-full-error.ts";
import type { FileLabels } from "./file-labels.ts";
import { rowNorms } from "./row-norms.ts";
import type { RowFacts, StoredChanges } from "./stored-changes.ts";

/** A change of one class. A row of −1 removes it. */
export interface Change {
  readonly changed: ChangedClass;
  readonly row: number;
}

/** Changes that were checked against the classes of an index. Nothing about them can fail any more. */
export interface PlannedChanges {
  readonly stored: StoredChanges;
  readonly norms: Float32Array;
  readonly changes: readonly Change[];
  /** The classes that the index does not have yet. */
  readonly added: readonly ChangedClass[];
  readonly upserted: number;
  /** The number of classes that the index had and that are to be removed. */
  readonly removed: number;
  /** The number of rows that changes hold then. */
  readonly rowCount: number;
  /** The number of classes that changes have added then. */
  readonly addedCount: number;
}

/** The classes that changes are checked against. */
export interface PlanTarget {
  readonly facts: RowFacts;
  /** The largest row and bias of the file. */
  readonly largest: Largest | undefined;
  readonly file: Pick<FileLabels, "areNamed" | "find">;
  readonly idCount: number;
  readonly rowCount: number;
  /** The number of classes that changes have added before. */
  readonly addedCount: number;
  readonly maxDelta: number;
  /** A class that changes have named before. */
  known(label: string): ChangedClass | undefined;
  /** The position of a class of the file, −1 for another. */
  positionOf(id: number): number;
}

/** Options for changes of one of several parts. */
export interface PlanOptions {
  /** The largest row and bias of the files of all parts. Default: those of the file. */
  readonly largest?: Largest | undefined;
  /** The norms of all rows. Default: they are computed. */
  readonly norms?: Float32Array;
  /** The place of the part among all. Default: it is not a part. */
  readonly part?: number;
  /** The most rows and new labels, if fewer than there is memory for. Changes that add none may exceed it. */
  readonly most?: number | undefined;
}

/**
 * Checks changes. Throws a RangeError for a row or bias beyond the bounds of the file, a label that an index without labels
 * cannot have, and a delta that is full.
 */
export function planChanges(target: PlanTarget, stored: StoredChanges, options: PlanOptions): PlannedChanges {
  const { norms = rowNorms(stored.stored, target.facts), part, largest = target.largest, most } = options;
  const changes: Change[] = [];
  const added: ChangedClass[] = [];
  let removed = 0;
  for (const { label, row, hasId } of stored.labels) {
    const known = target.known(label);
    const id = known?.id ?? target.file.find(label);
    const isUnknown = id === undefined && !hasId;
    if (row < 0 && (isUnknown || known?.row === -1)) continue; // there is no such class
    const bias = stored.stored.biases?.[row] ?? 0;
    if (row >= 0 && largest) checkGrowth(label, row, { norm: norms[row] as number, bias }, largest);
    const changed = known ?? newlyNamed(target, label, id ?? target.idCount + added.length);
    if (id === undefined) {
      checkNew(changed, target.file);
      added.push(changed);
    }
    if (row < 0 && id !== undefined) removed++;
    changes.push({ changed, row });
  }
  const upserted = changes.filter(({ row }) => row >= 0).length;
  const room = checkRoom(target, changes, added.length, { part, most: most ?? target.maxDelta, upserted });
  return { stored, norms, changes, added, upserted, removed, ...room };
}

const newlyNamed = (target: PlanTarget, label: string, id: number): ChangedClass => ({
  label,
  id,
  filePosition: target.positionOf(id),
  row: -1,
  norm: 0,
  bias: 0,
});

/** Checks the label of a class that the file does not have. */
function checkNew({ label, id }: ChangedClass, file: Pick<FileLabels, "areNamed">): void {
  if (file.areNamed || label === String(id)) return;
  throw new RangeError(
    `"upserts" expected the id of a class, or ${shown(String(id))} for the next one, got ${shown(label)}: an index ` +
      'built with "labels" takes any label',
  );
}

function checkRoom(
  target: PlanTarget,
  changes: readonly Change[],
  added: number,
  { part, most, upserted }: { readonly part: number | undefined; readonly most: number; readonly upserted: number },
): Pick<PlannedChanges, "rowCount" | "addedCount"> {
  const { maxDelta } = target;
  const requireRoom = (what: "rows" | "new labels", count: number, before: number): void => {
    const limit = count > before ? Math.min(most, maxDelta) : maxDelta;
    if (count > limit) throw new DeltaFullError(what, count, limit, part, upserted);
  };
  const addedCount = target.addedCount + added;
  requireRoom("new labels", addedCount, target.addedCount);
  let { rowCount } = target;
  for (const { changed, row } of changes) rowCount += Number(row >= 0) - Number(changed.row >= 0);
  requireRoom("rows", rowCount, target.rowCount);
  return { rowCount, addedCount };
}
