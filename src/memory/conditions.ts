import * as structs from "../../build/structs.ts";
import type { IndexFacts } from "../format/facts.ts";
import type { IndexHeader } from "../format/header.ts";
import { bucketedCount } from "../format/sections.ts";
import { addBits, isSet } from "./bits.ts";
import { type CallConditions, haveSameFilter, leavesOut, MANY_EXCLUDED, UNCONDITIONAL } from "./call-conditions.ts";
import { placeChanges } from "./changed-logits.ts";
import type { Delta } from "./delta.ts";
import type { HeadAndDraws } from "./head-and-draws.ts";
import type { Kernels } from "./kernels.ts";
import { filterBytes, type MemoryPlan } from "./plan.ts";
import { type WeighedIndex, WeightTables } from "./weight-tables.ts";

/**
 * Tells from the number of classes that a bitmap leaves whether a call thins out (src/index/thins-for.ts), or whether it would
 * with the effort `again`.
 */
export type Thins = (left: number, facts: IndexFacts, again?: HeadAndDraws) => boolean;

/** An index in memory whose classes are filtered. */
interface FilteredIndex {
  readonly kernels: Pick<Kernels, "memory" | "excludeOthers" | "filterDistance">;
  readonly header: IndexHeader;
  readonly plan: MemoryPlan;
  readonly delta?: Delta;
}

/**
 * The conditions in place: the temperature and the bits of the filter, as kernels read them. Weights wait until a search
 * needs them (weighed.ts), because most exact answers read none.
 */
export class Conditions {
  readonly #tables = new WeightTables();
  #inPlace = UNCONDITIONAL;
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
  /** The number of classes that the filter leaves in the index. */
  #indexedCount: number;
  /** A bitmap thins out heads and draws. The bits of the filter and the weights are those of all classes. */
  #isThin = false;
  /** The rule of the call. */
  #thins: Thins | undefined;
  readonly #itemCount: number;

  /** Only the classes that `allow` names, or that pass the filter of their columns, are not filtered out. */
  get hasAllow(): boolean {
    return this.#inPlace.allow !== undefined || this.#inPlace.filtered !== undefined;
  }

  constructor(itemCount: number) {
    this.#indexedCount = itemCount;
    this.#itemCount = itemCount;
  }

  /** The number of classes that are not filtered out. */
  get allowedCount(): number {
    return this.#indexedCount + this.changedCount;
  }

  /** The part of all classes to which a bitmap thins out heads and draws. Undefined where classes are filtered by weight. */
  get thinnedShare(): number | undefined {
    return this.#isThin ? this.#indexedCount / this.#itemCount : undefined;
  }

  /** Makes the next call put its filter in place anew, because changes have given the index other classes. */
  renew(): void {
    this.#isStale = true;
  }

  /** Puts the conditions of a call in place, all but the weights. A bitmap thins out heads and draws if `thins` says so. */
  apply(opened: FilteredIndex, wanted: CallConditions, thins?: Thins): void {
    if (wanted.changed || this.changedCount > 0) this.changedCount = placeChanges(opened, wanted.changed);
    this.#thins = thins;
    this.#place(opened, wanted);
  }

  /**
   * Puts the conditions of the call in place for another search, with the effort `again`, as the last one may have ended its
   * thinning out. Returns false if a bitmap thins out one of the two efforts alone: the change would take a pass over the classes.
   */
  applyAgain(opened: FilteredIndex, again: HeadAndDraws): boolean {
    if (this.#thinsOut(opened, this.#inPlace, again) !== this.#thinsOut(opened, this.#inPlace)) return false;
    this.#place(opened, this.#inPlace);
    return true;
  }

  #thinsOut(opened: FilteredIndex, conditions: CallConditions, again?: HeadAndDraws): boolean {
    const { facts } = opened.header;
    return isBitmapAlone(opened, conditions) && this.#thins?.(this.#indexedCount, facts, again) === true;
  }

  /** Puts the temperature and the filter in place. */
  #place(opened: FilteredIndex, wanted: CallConditions): void {
    const before = this.#inPlace;
    const sameFilter = !this.#isStale && haveSameFilter(before, wanted);
    const hadBits = !this.#isThin && leavesOut(before);
    if (!sameFilter && isBitmapAlone(opened, wanted)) {
      if (hadBits) bitsOf(opened).fill(0);
      this.#indexedCount = placeBitmap(opened, wanted);
    }
    const isThin = this.#thinsOut(opened, wanted);
    if (isThin && hadBits) bitsOf(opened).fill(0);
    const stays = sameFilter && isThin === this.#isThin;
    const sameTemperature = before.temperature === wanted.temperature;
    if (stays && sameTemperature) return;
    this.#inPlace = wanted;
    this.#isStale = false;
    if (!sameTemperature || !isThin || hadBits) this.#weighed = undefined; // a bitmap that thins out leaves weights as they are
    const fields = new DataView(opened.kernels.memory.buffer, opened.plan.layout);
    this.inverseTemperature = Math.fround(1 / wanted.temperature);
    fields.setFloat32(structs.LAYOUT_INVERSE_TEMPERATURE, this.inverseTemperature, true);
    if (stays) return;
    this.#filterNumber++;
    (isThin ? this.#thin : this.#filter).call(this, opened, fields);
  }

  /** Ends the thinning out of this call: puts bits for all rows in place, and has the buckets weighed by them. */
  filterRows(opened: FilteredIndex): void {
    if (!this.#isThin) return;
    this.#weighed = undefined;
    this.#filterNumber++;
    this.#filter(opened, new DataView(opened.kernels.memory.buffer, opened.plan.layout));
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

  /** Leaves the weights of all classes in place, and has kernels look into the bitmap. */
  #thin(opened: FilteredIndex, fields: DataView): void {
    const { plan, header } = opened;
    const { itemCount } = header.facts;
    this.#isThin = true;
    fields.setUint32(structs.LAYOUT_EXCLUDED, 0, true);
    fields.setUint32(structs.LAYOUT_THINNED, plan.regions.allowed, true);
    fields.setUint32(structs.LAYOUT_ALLOWED_COUNT, itemCount, true);
    fields.setUint32(structs.LAYOUT_ALLOWED_OUTLIERS, itemCount - bucketedCount(header.facts), true);
  }

  /** Writes the bits of the classes that are filtered out, and counts the others. */
  #filter(opened: FilteredIndex, fields: DataView): void {
    const { kernels, plan, header, delta } = opened;
    const { exclude, allow, filtered } = this.#inPlace;
    this.#isThin = false;
    fields.setUint32(structs.LAYOUT_THINNED, 0, true);
    const { itemCount } = header.facts;
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
      if (!isBitmapAlone(opened, this.#inPlace)) {
        const bitmap = new Uint8Array(kernels.memory.buffer, plan.regions.allowed, filterBytes(plan.capacity));
        bitmap.fill(0, allow.length).set(allow);
      }
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
    const isFiltered = leavesOut(this.#inPlace) || delta !== undefined;
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
    this.#indexedCount = allowedCount;
  }
}

/** Returns the bits of the filter: one for each position, lowest first, set where the class is filtered out. */
const bitsOf = ({ kernels, plan }: FilteredIndex): Int32Array =>
  new Int32Array(kernels.memory.buffer, plan.regions.excluded, Math.ceil(plan.capacity / 32));

/**
 * Tells whether a bitmap alone says which classes take part: columns and changes filter by position beside it. Many excluded
 * classes make a bitmap of the others.
 */
const isBitmapAlone = ({ delta }: FilteredIndex, { allow, exclude, filtered }: CallConditions): boolean => {
  if (filtered !== undefined || delta !== undefined) return false;
  return allow instanceof Uint8Array || (allow === undefined && exclude.length >= MANY_EXCLUDED);
};

/** Copies a bitmap, less the excluded classes. Returns the number of its classes. No bits of the filter may be set. */
function placeBitmap(opened: FilteredIndex, { allow, exclude }: CallConditions): number {
  const { kernels, plan, header } = opened;
  const { itemCount } = header.facts;
  const { allowed, excluded } = plan.regions;
  const bitmap = new Uint8Array(kernels.memory.buffer, allowed, filterBytes(itemCount));
  if (allow instanceof Uint8Array) bitmap.set(allow);
  else bitmap.fill(0xff, 0, Math.ceil(itemCount / 8));
  if (itemCount & 7) (bitmap[itemCount >> 3] as number) &= (1 << (itemCount & 7)) - 1; // clears the bits behind the last class
  for (const id of exclude) (bitmap[id >> 3] as number) &= ~(1 << (id & 7));
  return kernels.filterDistance(allowed, excluded, filterBytes(itemCount));
}
