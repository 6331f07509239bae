import type { ChangedClass } from "./changed-class.ts";
import type { PagedIds } from "./paged-ids.ts";
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

/** Bytes that a class takes which changes have named, beside its label. */
const CLASS_BYTES = 160;
/** Bytes of a character of a label, if some have two. */
const CHARACTER_BYTES = 2;

/** Returns the bytes of memory that a class with this label takes here. */
export const namedBytes = (label: string): number => CLASS_BYTES + CHARACTER_BYTES * label.length;

/**
 * The classes of one part that changes have named, without those of its file that they removed: of these, their bit is known, and
 * the file says which label it is. Rows are where the part is.
 */
export class NamedClasses {
  readonly file: PartFile;
  rowCount = 0;
  addedCount = 0;
  /** The number of classes of the file that were removed. */
  removedCount = 0;
  /** The bytes of memory that the classes take. */
  bytes = 0;
  /** The removed classes of all parts, by their ids among all. */
  readonly #removed: PagedIds;
  /** `row` of a class is 0 if it has one, and −1 if it was removed. */
  readonly #byLabel = new Map<string, ChangedClass>();

  constructor(file: PartFile, removed: PagedIds) {
    this.file = file;
    this.#removed = removed;
  }

  /** Tells whether a label of this part is known without its file. */
  has(label: string): boolean {
    return this.#byLabel.has(label);
  }

  /** Returns the id in the file of a class that has a row of changes instead. */
  replacedId(label: string): number | undefined {
    const named = this.#byLabel.get(label);
    return named && named.filePosition >= 0 ? named.id : undefined;
  }

  /** Tells whether a class is there. `found` has the ids of labels in the file. */
  isPresent(label: string, found: ReadonlyMap<string, number> | undefined): boolean {
    const known = this.#known(label, found);
    return known ? known.row >= 0 : (found?.has(label) ?? false);
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
        known: (label) => this.#known(label, found),
        positionOf: (id) => (id < classes ? id : -1),
      },
      stored,
      options,
    );
  }

  /** Applies changes that were planned for the classes in their present state. `idOf` returns the id of a class among all. */
  commit({ changes, rowCount, addedCount }: PlannedChanges, idOf: (own: number) => number): void {
    for (const { changed, row } of changes) {
      const { label, filePosition } = changed;
      const [id, isRemoved, isOfFile] = [idOf(changed.id), row < 0, filePosition >= 0];
      if (isOfFile) this.removedCount += Number(isRemoved) - Number(this.#removed.has(id));
      this.#removed.set(id, isRemoved);
      changed.row = isRemoved ? -1 : 0;
      if (this.#byLabel.delete(label)) this.bytes -= namedBytes(label);
      if (isRemoved && isOfFile) continue;
      this.#byLabel.set(label, changed);
      this.bytes += namedBytes(label);
    }
    this.rowCount = rowCount;
    this.addedCount = addedCount;
  }

  /** Returns a class that changes have named, also if they removed it. */
  #known(label: string, found: ReadonlyMap<string, number> | undefined): ChangedClass | undefined {
    const named = this.#byLabel.get(label);
    const id = found?.get(label);
    if (named || id === undefined || !this.#removed.has(this.file.first + id)) return named;
    return { label, id, filePosition: id, row: -1, norm: 0, bias: 0 };
  }
}
