import type { ChangedClass } from "./changed-class.ts";
import type { PartFacts } from "./part-changes.ts";
import { type PlannedChanges, type PlanOptions, planChanges } from "./planned-changes.ts";
import type { StoredChanges } from "./stored-changes.ts";

/** The file of a part that is elsewhere. */
export interface PartFile extends PartFacts {
  /** The number of its classes. */
  readonly classes: number;
  /** The id of its first class among all. */
  readonly first: number;
  /** The rows of changes that it has memory for. */
  readonly room: number;
}

/** The classes of one part that changes have named. Rows are where the part is. */
export class NamedClasses {
  readonly file: PartFile;
  rowCount = 0;
  addedCount = 0;
  /** The number of classes of the file that were removed. */
  removedCount = 0;
  /** `row` of a class is 0 if it has one, and −1 if it was removed. */
  readonly #byLabel = new Map<string, ChangedClass>();

  constructor(file: PartFile) {
    this.file = file;
  }

  /** Tells whether changes have named a label of this part. */
  has(label: string): boolean {
    return this.#byLabel.has(label);
  }

  /** Tells whether a class that changes have named is there. Undefined for another label. */
  isPresent(label: string): boolean | undefined {
    const named = this.#byLabel.get(label);
    return named && named.row >= 0;
  }

  /** Checks changes, and applies nothing. `found` has the ids of labels in the file. */
  plan(stored: StoredChanges, found: ReadonlyMap<string, number> | undefined, options: PlanOptions): PlannedChanges {
    const { classes, rows, largest, room } = this.file;
    const find = (label: string): number | undefined => found?.get(label);
    return planChanges(
      {
        facts: rows,
        largest,
        file: { areNamed: true, find },
        maxDelta: room,
        idCount: classes + this.addedCount,
        rowCount: this.rowCount,
        addedCount: this.addedCount,
        known: (label) => this.#byLabel.get(label),
        positionOf: (id) => (id < classes ? id : -1),
      },
      stored,
      options,
    );
  }

  /** Applies changes that were planned for the classes in their present state. */
  commit({ changes, rowCount, addedCount }: PlannedChanges): void {
    for (const { changed, row } of changes) {
      const wasRemoved = this.isPresent(changed.label) === false;
      if (changed.filePosition >= 0) this.removedCount += Number(row < 0) - Number(wasRemoved);
      changed.row = row < 0 ? -1 : 0;
      this.#byLabel.set(changed.label, changed);
    }
    this.rowCount = rowCount;
    this.addedCount = addedCount;
  }
}
