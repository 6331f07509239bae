import * as structs from "../../build/structs.ts";
import type { Filter } from "../columns/filter.ts";
import { ones } from "../memory/bits.ts";
import type { Delta, Filtered, GivenValues, ValueTest } from "../memory/delta.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { AddedRows, type RowSource } from "./added-rows.ts";
import { Bounds, type Largest } from "./bounds.ts";
import { byLabel, type ChangedClass, mergeByLabel } from "./changed-class.ts";
import { mergedValues, removedValues } from "./class-values.ts";
import { type FileLabels, fileLabels } from "./file-labels.ts";
import { FilteredRows } from "./filtered-rows.ts";
import { type Change, type PlannedChanges, type PlanOptions, type PlanTarget, planChanges } from "./planned-changes.ts";
import { RemovedClasses } from "./removed-classes.ts";
import { makeRoom } from "./room-in-tensors.ts";
import type { StoredChanges } from "./stored-changes.ts";
import { valueTest } from "./value-test.ts";

/** Returns the sequence number that a file begins with. */
export const sequenceOf = ({ header }: OpenedIndex): number => header.facts.compaction?.sequence ?? 0;

/**
 * The classes of an index with changes. Added rows lie behind those of the file in the order of the bytes of their labels,
 * which depends only on the resulting classes, so that no bit depends on how changes were split into sets. Kernels treat them
 * as outliers.
 */
export class ChangedClasses implements Delta {
  readonly gone: Int32Array;
  classCount: number;
  idCount: number;
  readonly removedIds: RemovedClasses;
  /** The number of the last change. A file that was compacted has the changes up to its own number. */
  sequence: number;
  /** The number of classes of the file that were removed. */
  removedCount = 0;
  file: FileLabels;
  readonly rows: AddedRows;
  readonly #opened: OpenedIndex;
  readonly #bounds: Bounds;
  readonly #outlierCount: number;
  /** The classes with an added row, and those that the file does not have. */
  readonly #byLabel = new Map<string, ChangedClass>();
  /** The values in columns that changes have given to classes, by id. */
  readonly #values = new Map<number, GivenValues>();
  /** The values of each class of the file that was removed. */
  readonly #ofRemoved: GivenValues | undefined;
  /** The classes that the file does not have, by id. */
  readonly #added: ChangedClass[] = [];
  /** The classes with an added row, in the order of their rows. */
  #live: ChangedClass[] = [];
  /** Those of them that filters leave out. Made when a filter asks for it. */
  #filteredRows: FilteredRows | undefined;

  constructor(opened: OpenedIndex) {
    const { plan, header } = opened;
    this.#opened = opened;
    this.sequence = sequenceOf(opened);
    this.file = fileLabels(opened);
    this.rows = new AddedRows(opened);
    this.#bounds = new Bounds(opened);
    this.#outlierCount = header.facts.outliers?.count ?? 0;
    this.classCount = this.idCount = plan.itemCount;
    this.gone = new Int32Array(Math.ceil(plan.capacity / 32));
    this.removedIds = new RemovedClasses(opened, this);
    this.#ofRemoved = removedValues(true, header.facts.columns?.list.length ?? 0);
  }

  /** The number of classes that the file does not have, those that were removed included. */
  get addedCount(): number {
    return this.#added.length;
  }

  /** The largest row and bias of the file. */
  get largest(): Largest | undefined {
    return this.#bounds.ofFile;
  }

  /** The number of rows that changes hold. */
  get rowCount(): number {
    return this.#live.length;
  }

  /** The classes that changes have named, in the order of a file: those of the index's file by their labels, then the others. */
  get all(): readonly ChangedClass[] {
    return [...this.#superseded.concat(this.removedIds.ofFile(this.file)).sort(byLabel), ...this.#added];
  }

  /** The classes of the file that have an added row in place of their own. */
  get #superseded(): ChangedClass[] {
    return this.#live.filter(({ filePosition }) => filePosition >= 0);
  }

  leaveOut(bits: Int32Array, filtered?: Filtered): number {
    if (filtered) {
      const { plan, header } = this.#opened;
      this.#filteredRows ??= new FilteredRows(
        Int32Array.from(this.#live, ({ id }) => id),
        (id) => this.#values.get(id),
        header.facts.columns?.list.length ?? 0,
      );
      const rows = this.#filteredRows.leftOutBy(filtered);
      for (let i = 0; i < rows.length; i++) {
        const at = plan.itemCount + (rows[i] as number);
        bits[at >> 5] = (bits[at >> 5] as number) | (1 << (at & 31));
      }
    }
    let left = 0;
    for (let word = 0; word < this.gone.length; word++) {
      bits[word] = (bits[word] as number) | (this.gone[word] as number);
      left += ones(~(bits[word] as number));
    }
    return left;
  }

  refuseRemoved(ids: Int32Array): void {
    const place = ids.findIndex((id) => this.removedIds.has(id));
    if (place < 0) return;
    throw new RangeError(`"ids"[${place}] expected a class of the index, got ${ids[place]}, which was removed`);
  }

  labelOf(id: number): string {
    return (this.#added[id - this.#opened.plan.itemCount] as ChangedClass).label;
  }

  find(label: string): number | undefined {
    const found = this.#byLabel.get(label);
    return found && (found.row < 0 ? -1 : found.id);
  }

  valuesOf(id: number): GivenValues | undefined {
    const given = this.#values.get(id);
    if (given || id >= this.#opened.plan.itemCount) return given;
    return this.removedIds.has(id) ? this.#ofRemoved : undefined;
  }

  testOf(wanted: Filter[string]): ValueTest {
    return valueTest(wanted);
  }

  /** Checks changes, and changes nothing. Throws as planChanges does. */
  plan(stored: StoredChanges, options: PlanOptions = {}): PlannedChanges {
    const { plan } = this.#opened;
    const target: PlanTarget = {
      facts: this.rows.facts,
      largest: this.largest,
      file: this.file,
      idCount: this.idCount,
      rowCount: this.#live.length,
      addedCount: this.#added.length,
      maxDelta: plan.capacity - plan.itemCount - 1,
      known: (label) => this.#byLabel.get(label) ?? this.removedIds.find(label, this.file),
      positionOf: (id) => (id < plan.itemCount ? (this.removedIds.positions[id] as number) : -1),
    };
    return planChanges(target, stored, options);
  }

  /** Tells whether the file has a class with this label, or changes have named one. */
  knows(label: string): boolean {
    return this.#byLabel.has(label) || this.file.find(label) !== undefined;
  }

  /** Applies changes that were planned for the classes in their present state. It cannot fail. */
  commit({ stored, norms, changes, added }: PlannedChanges): void {
    for (const changed of added) this.#added.push(changed);
    this.idCount += added.length;
    this.sequence = stored.sequence;
    const upserts = changes.filter(({ row }) => row >= 0);
    for (const { changed, row } of changes) {
      const { id } = changed;
      const values = row < 0 ? undefined : mergedValues(this.valuesOf(id), stored.values?.[row]);
      if (values) this.#values.set(id, values);
      else this.#values.delete(id);
    }
    this.#place(changes, upserts, stored.stored, norms);
  }

  #place(
    changes: readonly Change[],
    upserts: readonly Change[],
    stored: StoredChanges["stored"],
    norms: Float32Array,
  ): void {
    if (!this.#opened.delta) {
      makeRoom(this.#opened);
      this.file = fileLabels(this.#opened); // its tensors have moved
    }
    const touched = new Map(changes.map(({ changed, row }) => [changed, row]));
    const kept = this.#live.filter((changed) => !touched.has(changed));
    const live = mergeByLabel(kept, upserts.map(({ changed }) => changed).sort(byLabel));
    const sources = live.map((changed): RowSource => {
      const row = touched.get(changed);
      return { id: changed.id, from: row === undefined ? "place" : "changes", row: row ?? changed.row };
    });
    this.rows.place(sources, this.#live.length, stored);
    for (const { changed, row } of changes) {
      changed.row = -1;
      if (row < 0 && changed.filePosition >= 0) this.#byLabel.delete(changed.label);
      else this.#byLabel.set(changed.label, changed);
      if (row < 0) continue;
      changed.norm = norms[row] as number;
      changed.bias = Math.abs(stored.biases?.[row] ?? 0);
    }
    for (const [row, changed] of live.entries()) changed.row = row;
    this.#live = live;
    this.#filteredRows = undefined;
    for (const { changed } of changes) if (changed.filePosition >= 0) this.#account(changed);
    this.#putInPlace();
  }

  /** Counts a class of the file as removed or not, and takes its row in the file out of all answers. */
  #account({ id, filePosition: at, row }: ChangedClass): void {
    this.removedCount += Number(row < 0) - Number(this.removedIds.has(id));
    this.gone[at >> 5] = (this.gone[at >> 5] as number) | (1 << (at & 31));
    if (row < 0) this.removedIds.positions[id] = at;
  }

  /** Makes the present classes visible to kernels and answers. */
  #putInPlace(): void {
    const { kernels, plan, header, conditions } = this.#opened;
    const count = this.#live.length;
    const end = plan.itemCount + count;
    for (let position = plan.itemCount; position < 32 * this.gone.length; position++) {
      const word = this.gone[position >> 5] as number;
      const bit = 1 << (position & 31);
      this.gone[position >> 5] = position < end ? word & ~bit : word | bit;
    }
    const { positions } = this.removedIds;
    // The last position belongs to no class, so it stands for classes that were added and removed.
    for (const { id } of this.#added) positions[id] = plan.capacity - 1;
    for (const { id, row } of this.#live) positions[id] = plan.itemCount + row;
    this.classCount = end - this.#superseded.length - this.removedCount;
    const fields = new DataView(kernels.memory.buffer, plan.layout);
    const outliers = this.#outlierCount + count;
    fields.setUint32(structs.LAYOUT_ITEM_COUNT, end, true);
    fields.setUint32(structs.LAYOUT_ID_COUNT, this.idCount, true);
    fields.setUint32(structs.LAYOUT_OUTLIER_COUNT, outliers, true);
    Object.assign(header.facts, { itemCount: end, outliers: outliers > 0 ? { count: outliers } : undefined });
    this.#bounds.widen(
      this.#opened,
      this.#live.reduce((most, { norm }) => Math.max(most, norm), 0),
      this.#live.reduce((most, { bias }) => Math.max(most, bias), 0),
    );
    this.#opened.popularity = undefined;
    this.#opened.delta = this;
    conditions.renew();
  }
}
