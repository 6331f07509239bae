import * as structs from "../../build/structs.ts";
import { shown } from "../checks/check.ts";
import { ones } from "../memory/bits.ts";
import type { Delta, Filtered } from "../memory/delta.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { AddedRows, type RowSource } from "./added-rows.ts";
import { Bounds } from "./bounds.ts";
import { type CheckedChanges, MOST_LABEL_BYTES } from "./change-set.ts";
import { byLabel, type ChangedClass, mergeByLabel } from "./changed-class.ts";
import { DeltaFullError } from "./delta-full-error.ts";
import { type FileLabels, fileLabels } from "./file-labels.ts";
import { makeRoom } from "./room-in-tensors.ts";
import { rowNorms } from "./row-norms.ts";
import type { StoredChanges } from "./stored-changes.ts";

/** A change of one class. A row of −1 removes it. */
interface Change {
  readonly changed: ChangedClass;
  readonly row: number;
}

/**
 * The classes of an index with changes. Added rows lie behind those of the file in the order of the bytes of their labels, which depends
 * on the resulting classes alone, so that no bit depends on how changes were split into sets. Kernels take them for outliers.
 */
export class ChangedClasses implements Delta {
  readonly gone: Int32Array;
  classCount: number;
  idCount: number;
  readonly removedIds = new Set<number>();
  sequence = 0;
  /** The number of classes of the file that were removed. */
  removedCount = 0;
  file: FileLabels;
  readonly rows: AddedRows;
  readonly #opened: OpenedIndex;
  readonly #bounds: Bounds;
  readonly #outlierCount: number;
  readonly #byLabel = new Map<string, ChangedClass>();
  /** The classes that the file does not have, by id. */
  readonly #added: ChangedClass[] = [];
  /** The classes with an added row, in the order of their rows. */
  #live: ChangedClass[] = [];

  constructor(opened: OpenedIndex) {
    const { plan, header } = opened;
    this.#opened = opened;
    this.file = fileLabels(opened);
    this.rows = new AddedRows(opened);
    this.#bounds = new Bounds(opened);
    this.#outlierCount = header.facts.outliers?.count ?? 0;
    this.classCount = this.idCount = plan.itemCount;
    this.gone = new Int32Array(Math.ceil(plan.capacity / 32));
  }

  /** The number of rows that changes hold. */
  get rowCount(): number {
    return this.#live.length;
  }

  /** The classes that changes have named, in the order of a file: those of the index's file by their labels, then the others. */
  get all(): readonly ChangedClass[] {
    const ofFile = [...this.#byLabel.values()].filter(({ filePosition }) => filePosition >= 0).sort(byLabel);
    return [...ofFile, ...this.#added];
  }

  leaveOut(bits: Int32Array, filtered?: Filtered): number {
    for (const { id, row } of filtered ? this.#live : []) {
      const at = this.#opened.plan.itemCount + row;
      if (filtered?.has(id)) bits[at >> 5] = (bits[at >> 5] as number) | (1 << (at & 31));
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

  /**
   * Applies changes, or only checks them. RangeError, and nothing is applied, for a row or bias beyond the bounds of the file, a
   * label that an index without labels cannot have, and a delta that is full.
   */
  apply({ labels, stored, sequence }: StoredChanges, isOnlyChecked = false): CheckedChanges {
    const norms = rowNorms(stored, this.rows.facts);
    const changes: Change[] = [];
    const added: ChangedClass[] = [];
    let removed = 0;
    for (const { label, bytes, row, hasId } of labels) {
      const known = this.#byLabel.get(label);
      const id = known?.id ?? this.file.find(label);
      const isUnknown = id === undefined && !hasId;
      if (row < 0 && (isUnknown || known?.row === -1)) continue; // there is no such class
      if (row >= 0) this.#bounds.check(label, row, { norm: norms[row] as number, bias: stored.biases?.[row] ?? 0 });
      const changed = known ?? this.#newlyNamed(label, bytes, id ?? this.idCount + added.length);
      if (id === undefined) {
        this.#checkNew(changed);
        added.push(changed);
      }
      if (row < 0 && id !== undefined) removed++;
      changes.push({ changed, row });
    }
    const upserts = changes.filter(({ row }) => row >= 0);
    const room = this.#checkRoom(changes, added.length);
    const counts = { upserted: upserts.length, removed, ...room };
    if (isOnlyChecked) return counts;
    // From here on nothing fails.
    for (const changed of added) this.#added.push(changed);
    this.idCount += added.length;
    this.sequence = sequence;
    this.#commit(changes, upserts, stored, norms);
    return counts;
  }

  #newlyNamed(label: string, bytes: Uint8Array, id: number): ChangedClass {
    const filePosition = id < this.#opened.plan.itemCount ? (this.#positions[id] as number) : -1;
    return { label, bytes, id, filePosition, row: -1, norm: 0, bias: 0 };
  }

  /** The position of each id. */
  get #positions(): Int32Array {
    const { kernels, plan } = this.#opened;
    return new Int32Array(kernels.memory.buffer, plan.regions.positions, plan.capacity);
  }

  /** Checks the label of a class that the file does not have. */
  #checkNew({ label, bytes, id }: ChangedClass): void {
    if (bytes.length > MOST_LABEL_BYTES) {
      const got = `${bytes.length} bytes: ${shown(label)}`;
      throw new RangeError(`"upserts.labels" expected at most ${MOST_LABEL_BYTES} bytes of UTF-8, got ${got}`);
    }
    if (this.file.areNamed || label === String(id)) return;
    throw new RangeError(
      `"upserts" expected the id of a class, or ${shown(String(id))} for the next one, got ${shown(label)}: an index ` +
        'built with "labels" takes any label',
    );
  }

  #checkRoom(changes: readonly Change[], added: number) {
    const maxDelta = this.#opened.plan.capacity - this.#opened.plan.itemCount - 1;
    const addedCount = this.#added.length + added;
    if (addedCount > maxDelta) {
      throw new DeltaFullError("new labels, those of removed classes included", addedCount, maxDelta);
    }
    let rowCount = this.#live.length;
    for (const { changed, row } of changes) rowCount += Number(row >= 0) - Number(changed.row >= 0);
    if (rowCount > maxDelta) throw new DeltaFullError("rows", rowCount, maxDelta);
    return { rowCount, addedCount };
  }

  #commit(
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
      this.#byLabel.set(changed.label, changed);
      changed.row = -1;
      if (row < 0) continue;
      changed.norm = norms[row] as number;
      changed.bias = Math.abs(stored.biases?.[row] ?? 0);
    }
    for (const [row, changed] of live.entries()) changed.row = row;
    this.#live = live;
    for (const { changed } of changes) this.#account(changed);
    this.#putInPlace();
  }

  /** Counts a class as removed or not, and takes its row in the file out of all answers. */
  #account({ id, filePosition: at, row }: ChangedClass): void {
    const isOfFile = at >= 0;
    if (isOfFile) this.gone[at >> 5] = (this.gone[at >> 5] as number) | (1 << (at & 31));
    if (this.removedIds.delete(id) && isOfFile) this.removedCount--;
    if (row >= 0) return;
    this.removedIds.add(id);
    if (isOfFile) this.removedCount++;
  }

  /** Makes kernels and answers see the classes as they are now. */
  #putInPlace(): void {
    const { kernels, plan, header, conditions } = this.#opened;
    const count = this.#live.length;
    const end = plan.itemCount + count;
    for (let position = plan.itemCount; position < 32 * this.gone.length; position++) {
      const word = this.gone[position >> 5] as number;
      const bit = 1 << (position & 31);
      this.gone[position >> 5] = position < end ? word & ~bit : word | bit;
    }
    const positions = this.#positions;
    // The last position belongs to no class, so it stands for those that were added and removed.
    for (const { id } of this.#added) positions[id] = plan.capacity - 1;
    for (const { id, row } of this.#live) positions[id] = plan.itemCount + row;
    let ofFile = 0;
    for (const { id, filePosition, row } of this.#byLabel.values()) {
      if (filePosition < 0) continue;
      ofFile++;
      if (row < 0) positions[id] = filePosition;
    }
    this.classCount = end - ofFile;
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
