import type { ChangesInfo } from "../index/info.ts";
import type { RemovedIds } from "../memory/delta.ts";
import { ANY_SIZE, type Largest, largestOf } from "./bounds.ts";
import type { ChangeSet } from "./change-set.ts";
import { type ChangeTarget, copyChangeSet } from "./copied-change-set.ts";
import type { LoggedSet, SetToLog } from "./logged-set.ts";
import { NamedClasses, namedBytes, type PartFile } from "./named-classes.ts";
import { PagedIds } from "./paged-ids.ts";
import { partOfLabel } from "./part-of-label.ts";
import type { PlannedChanges, PlanOptions } from "./planned-changes.ts";
import { rowNorms } from "./row-norms.ts";
import type { ChangedLabel, StoredChanges } from "./stored-changes.ts";

/** The ids that labels have in the file of each part, by label. A label that is not there is in no file. */
export type FoundInFiles = readonly ReadonlyMap<string, number>[];

/** The facts that all parts have in common. */
export type SharedTarget = Pick<ChangeTarget, "isCosine" | "columns" | "space">;

/** The classes of all parts after some changes. It does not change any more. */
export interface PlacedClasses {
  /** The number of ids. */
  readonly itemCount: number;
  /** For each part the ids of the classes that changes have added to it, ascending. */
  readonly added: readonly (readonly number[])[];
  /** The number of rows that changes hold in each part. */
  readonly rowCounts: readonly number[];
  readonly changes: Omit<ChangesInfo, "maxDelta">;
  readonly removedIds: RemovedIds;
}

/**
 * The classes that changes have named, by the parts that have them, where the parts are elsewhere. It knows labels and ids and no
 * rows, and gives each change the part and each new label the id that a PartedIndex over the same files gives them.
 */
export class PlacedChanges {
  readonly #parts: readonly NamedClasses[];
  readonly #target: SharedTarget;
  readonly #largest: Largest | undefined;
  /** For each part the ids of the classes that changes have added to it. */
  readonly #added: readonly number[][];
  /** The ids of removed classes. */
  readonly #removed = new PagedIds();
  #itemCount: number;

  constructor(files: readonly PartFile[], target: SharedTarget) {
    this.#parts = files.map((file) => new NamedClasses(file, this.#removed));
    this.#target = target;
    this.#added = files.map(() => []);
    this.#itemCount = files.reduce((sum, { classes }) => sum + classes, 0);
    this.#largest = largestOf(files.map(({ largest }) => largest));
  }

  /** The bytes of memory that the classes take, without those of removed ones, of which there are no more than a bit for each id. */
  get bytes(): number {
    return this.#parts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Returns the bytes that the classes would take with these labels. */
  bytesWith(labels: readonly string[]): number {
    return this.unnamed(labels).reduce((sum, label) => sum + namedBytes(label), this.bytes);
  }

  /** Returns those of some labels, each once, of which only the files say where they are. */
  unnamed(labels: readonly string[]): string[] {
    return [...new Set(labels)].filter((label) => !this.#parts.some((part) => part.has(label)));
  }

  /**
   * Returns the ids in the files of those of some labels whose classes have rows of changes now. Once these are removed, only the
   * files say where the labels are.
   */
  replaced(labels: readonly string[]): FoundInFiles {
    return this.#parts.map((part) => {
      const ids = labels.map((label) => [label, part.replacedId(label)] as const);
      return new Map(ids.filter((entry): entry is [string, number] => entry[1] !== undefined));
    });
  }

  /** Tells whether a label has a class. */
  isPresent(label: string, found: FoundInFiles): boolean {
    return this.#parts.some((part, i) => part.isPresent(label, found[i]));
  }

  /** Checks changes, and applies nothing. Throws as checkChanges does. */
  check(set: ChangeSet, found: FoundInFiles, most?: number): void {
    this.#plan(this.#stored(set, 0), found, { most });
  }

  /**
   * Applies changes of a log: all of them, or none if it throws. Returns for each class that they add the place of its part, in the
   * order of their ids.
   */
  apply(set: ChangeSet, found: FoundInFiles, sequence: number): number[] {
    const stored = this.#stored(set, sequence);
    const planned = this.#plan(stored, found, { largest: ANY_SIZE });
    const partOf = new Map(planned.flatMap(({ added }, i) => added.map(({ label }) => [label, i])));
    const places = stored.labels.flatMap(({ label }) => partOf.get(label) ?? []);
    for (const place of places) this.#added[place]?.push(this.#itemCount++);
    for (const [i, part] of this.#parts.entries()) {
      const { classes, first } = part.file;
      const idOf = (own: number): number => (own < classes ? first + own : (this.#added[i]?.[own - classes] as number));
      part.commit(planned[i] as PlannedChanges, idOf);
    }
    return places;
  }

  /**
   * Returns the changes of a set that are of one part, and perhaps removals of labels that it lacks, which change nothing. `ofFile`
   * has the labels of its file that the set replaces and a later one has removed. It may have more labels of the file.
   */
  ownOf({ upserts, removals, space }: LoggedSet, place: number, ofFile: Pick<ReadonlySet<string>, "has">): SetToLog {
    const has = (label: string): boolean => (this.#parts[place] as NamedClasses).has(label);
    const kept = (upserts?.labels ?? []).flatMap((label, i) => (has(label) || ofFile.has(label) ? [i] : []));
    const unnamed = new Set(this.unnamed(removals));
    const own = {
      removals: removals.filter((label) => has(label) || unnamed.has(label)),
      ...(space !== undefined && { space }),
    };
    if (!upserts || kept.length === 0) return own;
    const { labels, rows, biases, metadata } = upserts;
    const dim = rows.length / labels.length;
    const values = new Float32Array(kept.length * dim);
    for (const [at, i] of kept.entries()) values.set(rows.subarray(i * dim, (i + 1) * dim), at * dim);
    return {
      ...own,
      upserts: {
        labels: kept.map((i) => labels[i] as string),
        rows: values,
        ...(biases && { biases: kept.map((i) => biases[i] as number) }),
        ...(metadata && { metadata: kept.map((i) => metadata[i] ?? null) }),
      },
    };
  }

  /** Returns a copy of what is known of the classes now. It takes as long as there are changed ones. */
  classesAt(sequence: number): PlacedClasses {
    const sum = (of: (part: NamedClasses) => number): number =>
      this.#parts.reduce((total, part) => total + of(part), 0);
    const addedCount = sum((part) => part.addedCount);
    return {
      itemCount: this.#itemCount,
      added: this.#added.map((ids) => [...ids]),
      removedIds: this.#removed.copy(),
      rowCounts: this.#parts.map(({ rowCount }) => rowCount),
      changes: {
        sequence,
        addedCount,
        classCount: this.#itemCount - this.#removed.size,
        rowCount: sum((part) => part.rowCount),
        removedCount: sum((part) => part.removedCount),
      },
    };
  }

  #stored(set: ChangeSet, sequence: number): StoredChanges {
    const [{ file }] = this.#parts as readonly [NamedClasses];
    const isLogged = sequence > 0;
    return { ...copyChangeSet(set, { ...this.#target, ...file.rows, isLogged }), after: 0, sequence };
  }

  #plan(
    stored: StoredChanges,
    found: FoundInFiles,
    { most, largest = this.#largest }: Pick<PlanOptions, "most" | "largest">,
  ): PlannedChanges[] {
    const labels: ChangedLabel[][] = this.#parts.map(() => []);
    const has = (place: number, label: string): boolean =>
      (this.#parts[place] as NamedClasses).has(label) || (found[place]?.has(label) ?? false);
    for (const changed of stored.labels) labels[partOfLabel(changed, this.#parts.length, has)]?.push(changed);
    const norms = rowNorms(stored.stored, (this.#parts[0] as NamedClasses).file.rows);
    return this.#parts.map((part, i) => {
      const own = { ...stored, labels: labels[i] as ChangedLabel[] };
      return part.plan(own, found[i], { norms, largest, part: i, most });
    });
  }
}
