import * as structs from "../../build/structs.ts";
import type { IndexFacts } from "../format/facts.ts";
import { bucketedCount } from "../format/sections.ts";
import { BitmapCopies } from "./bitmap-copies.ts";
import { addBits, isSet } from "./bits.ts";
import { type CallConditions, haveSameFilter, leavesOut, UNCONDITIONAL } from "./call-conditions.ts";
import { placeChanges } from "./changed-logits.ts";
import { bitsOf, type FilteredIndex } from "./filtered-index.ts";
import type { HeadAndDraws } from "./head-and-draws.ts";
import { copyBitmap, placeBitmap, placeLeftOut, rowsOf } from "./thinnable-bits.ts";
import { type WeighedIndex, WeightTables } from "./weight-tables.ts";

/**
 * Tells from the numbers of classes, those that are left of a total, whether a call thins out, or whether it would with the effort
 * `again`.
 */
export type ThinsAt = (left: number, total: number, facts: IndexFacts, again?: HeadAndDraws) => boolean;

/** The rules by which a call thins out (src/index/thins-for.ts). */
export interface Thins {
  /** For all classes that are left. */
  readonly at: ThinsAt;
  /** For those that columns leave. Undefined if columns always filter by weight. */
  readonly atColumns: ThinsAt | undefined;
}

/** Conditions of a call whose classes can be thinned out, where their bits lie. */
interface Thinnable {
  readonly conditions: CallConditions;
  /** Those of the conditions that filter by weight beside them. */
  readonly rows: CallConditions;
  /** The number of classes that are neither filtered out by weight nor thinned out, */
  readonly left: number;
  /** and of all that are not filtered out by weight. */
  readonly total: number;
}

/**
 * The conditions in place: the temperature and the bits of the filter, as kernels read them. Weights wait until a search
 * needs them (weighed.ts), because most exact answers read none.
 *
 * Classes are left out in two ways. Those that are filtered out by weight have no weight in their buckets. Those that are
 * thinned out keep theirs, and searches pass over them (src/answers/thinning.ts): those outside of a bitmap, excluded ones, and
 * those that a filter of columns leaves out, all of which may be others in every call. Changes filter by weight.
 */
export class Conditions {
  readonly #tables = new WeightTables();
  readonly #copies = new BitmapCopies();
  #inPlace = UNCONDITIONAL;
  /** The conditions that filter by weight. */
  #rows = UNCONDITIONAL;
  /** The bits of `allowed`, undefined if they are of no use. */
  #thinnable: Thinnable | undefined;
  /** Kernels look into these bits. */
  #isThin = false;
  /** True if changes have given the index other classes since the filter was put in place. */
  #isStale = false;
  /** The number of the filter whose bits are in place: 0 for that of load, which leaves nothing out. */
  #filterNumber = 0;
  /** The kind of the weights in place: of this very temperature, or upper bounds. Undefined for weights of other conditions. */
  #weighed: "exactly" | "as bounds" | undefined;

  /** 1 / T in f32, as the kernels use it. */
  inverseTemperature = 1;
  /** The number of classes with changed logits. */
  changedCount = 0;
  /** The number of classes that are not filtered out by weight. */
  #rowCount: number;
  /** The rule of the call. */
  #thins: Thins | undefined;

  /** Only the classes that `allow` names, or that pass the filter of their columns, are not filtered out. */
  get hasAllow(): boolean {
    return this.#inPlace.allow !== undefined || this.#inPlace.filtered !== undefined;
  }

  constructor(itemCount: number) {
    this.#rowCount = itemCount;
  }

  /** The number of classes that are not left out. */
  get allowedCount(): number {
    return this.#rowCount - this.thinnedCount + this.changedCount;
  }

  /** The number of classes that are thinned out, those with changed logits among them. */
  get thinnedCount(): number {
    return this.#thinned ? this.#thinned.total - this.#thinned.left : 0;
  }

  /** The part to which heads and draws are thinned out. Undefined where no class is. */
  get thinnedShare(): number | undefined {
    return this.#thinned && this.#thinned.left / this.#thinned.total;
  }

  get #thinned(): Thinnable | undefined {
    return this.#isThin ? this.#thinnable : undefined;
  }

  /** Makes the next call put its filter in place anew, because changes have given the index other classes. */
  renew(): void {
    this.#isStale = true;
  }

  /** Copies the bitmap of the next call. Another call after that may overwrite the copy. */
  copyOf(bitmap: Uint8Array): Uint8Array {
    return this.#copies.of(bitmap, this.#inPlace.allow);
  }

  /** Puts the conditions of a call in place, all but the weights. Classes are thinned out where `thins` says so. */
  apply(opened: FilteredIndex, wanted: CallConditions, thins?: Thins): void {
    if (wanted.changed || this.changedCount > 0) this.changedCount = placeChanges(opened, wanted.changed);
    this.#thins = thins;
    this.#place(opened, wanted);
  }

  /**
   * Puts the conditions of the call in place for another search, with the effort `again`, as the last one may have ended its
   * thinning out. Returns false if one of the two efforts alone thins out: the change would take a pass over the classes.
   */
  applyAgain(opened: FilteredIndex, again: HeadAndDraws): boolean {
    const { facts } = opened.header;
    if (this.#thinsOut(facts, again) !== this.#thinsOut(facts)) return false;
    this.#place(opened, this.#inPlace);
    return true;
  }

  /** Ends the thinning out of this call: filters its classes by weight. */
  filterRows(opened: FilteredIndex): void {
    if (!this.#isThin) return;
    this.#filter(opened, this.#inPlace);
    this.#thin(opened, false);
  }

  /**
   * Puts the weights for the conditions in place: of this very temperature, or those that may be upper bounds. It uses a
   * table that searches leave, so it must not run between a proposal and its answer.
   */
  weigh(opened: WeighedIndex, isExact: boolean): void {
    const wanted = isExact ? "exactly" : "as bounds";
    if (this.#weighed === wanted) return;
    this.#weighed = wanted;
    this.#tables.use(opened, this.#filterNumber, this.inverseTemperature, isExact);
  }

  /** Puts the temperature and the filter in place. */
  #place(opened: FilteredIndex, wanted: CallConditions): void {
    if (wanted.temperature !== this.#inPlace.temperature) {
      this.inverseTemperature = Math.fround(1 / wanted.temperature);
      fieldsOf(opened).setFloat32(structs.LAYOUT_INVERSE_TEMPERATURE, this.inverseTemperature, true);
      this.#weighed = undefined;
    }
    this.#inPlace = wanted;
    const last = this.#isStale ? undefined : this.#thinnable;
    this.#thinnable = last && haveSameFilter(last.conditions, wanted) ? { ...last, conditions: wanted } : undefined;
    const rows = this.#rowsOf(opened, wanted);
    if (rows && this.#thinnable?.rows.filtered !== rows.filtered) this.#thinnable = undefined;
    if (rows && !this.#thinnable) {
      this.#filter(opened, rows);
      const total = this.#rowCount;
      const left = wanted.allow ? placeBitmap(opened, wanted) : placeLeftOut(opened, wanted, rows, total);
      this.#thinnable = { conditions: wanted, rows, left, total };
    }
    const isThin = rows !== undefined && this.#thinsOut(opened.header.facts);
    this.#filter(opened, isThin ? rows : wanted);
    this.#thin(opened, isThin);
  }

  /** Returns the conditions that filter by weight if the others are thinned out, undefined if none are. */
  #rowsOf(opened: FilteredIndex, wanted: CallConditions): CallConditions | undefined {
    if (!this.#thins) return undefined;
    const { filtered } = wanted;
    const { facts } = opened.header;
    const thinsFilter = filtered && this.#thins.atColumns?.(filtered.passing, facts.itemCount, facts);
    return rowsOf(opened, wanted, thinsFilter === true);
  }

  #thinsOut(facts: IndexFacts, again?: HeadAndDraws): boolean {
    if (!this.#thinnable) return false;
    const { left, total } = this.#thinnable;
    return this.#thins?.at(left, total, facts, again) === true;
  }

  /** Has kernels look into the bits of `allowed`, or not. */
  #thin(opened: FilteredIndex, isThin: boolean): void {
    if (!isThin && !this.#isThin) return;
    this.#isThin = isThin;
    const fields = fieldsOf(opened);
    const { allowed } = opened.plan.regions;
    const isBitmap = this.#inPlace.allow !== undefined;
    fields.setUint32(structs.LAYOUT_THINNED, isThin && isBitmap ? allowed : 0, true);
    fields.setUint32(structs.LAYOUT_THINNED_BITS, isThin && !isBitmap ? allowed : 0, true);
  }

  /** Writes the bits of the classes that are filtered out by weight, and counts the others, unless they are in place. */
  #filter(opened: FilteredIndex, rows: CallConditions): void {
    const isInPlace = !this.#isStale && haveSameFilter(this.#rows, rows);
    this.#rows = rows;
    if (isInPlace) return;
    this.#isStale = false;
    this.#weighed = undefined;
    this.#filterNumber++;
    const { kernels, plan, header, delta } = opened;
    const { exclude, allow, filtered } = rows;
    const { itemCount } = header.facts;
    const fields = fieldsOf(opened);
    const bits = bitsOf(opened);
    const positions = new Int32Array(kernels.memory.buffer, plan.regions.positions, plan.capacity);
    let allowedCount = 0;
    const write = (id: number, bit: number): void => {
      const position = positions[id] as number;
      const word = bits[position >> 5] as number;
      const change = bit - ((word >> (position & 31)) & 1);
      allowedCount -= change;
      bits[position >> 5] = word + (change << (position & 31));
    };
    if (allow instanceof Uint8Array) {
      if (!this.#thinnable) copyBitmap(opened, allow);
      allowedCount = kernels.excludeOthers(plan.layout, plan.regions.allowed, plan.regions.excluded);
      if (filtered) allowedCount -= addBits(bits, filtered.bits);
    } else if (allow) {
      bits.fill(-1);
      for (const id of allow) {
        if (!filtered?.has(id) && !(delta && isSet(delta.gone, positions[id] as number))) write(id, 0);
      }
    } else {
      bits.fill(0);
      if (filtered) bits.set(filtered.bits);
      allowedCount = filtered?.passing ?? itemCount;
    }
    if (delta && !(allow instanceof Int32Array)) allowedCount = delta.leaveOut(bits, filtered);
    for (const id of exclude) write(id, 1);
    const isFiltered = leavesOut(rows) || delta !== undefined;
    fields.setUint32(structs.LAYOUT_EXCLUDED, isFiltered ? plan.regions.excluded : 0, true);
    fields.setUint32(structs.LAYOUT_ALLOWED_COUNT, allowedCount, true);
    let [allowedOutliers, added] = [0, 0];
    for (let position = bucketedCount(header.facts); position < itemCount; position++) {
      if (isSet(bits, position)) continue;
      allowedOutliers++;
      if (position >= plan.itemCount) added++;
    }
    fields.setUint32(structs.LAYOUT_ALLOWED_OUTLIERS, allowedOutliers, true);
    fields.setUint32(structs.LAYOUT_ADDED_OUTLIERS, added, true);
    this.#rowCount = allowedCount;
  }
}

const fieldsOf = ({ kernels, plan }: FilteredIndex): DataView => new DataView(kernels.memory.buffer, plan.layout);
