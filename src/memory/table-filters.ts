import type { IndexHeader } from "../format/header.ts";
import type { Kernels } from "./kernels.ts";
import { filterBytes, type MemoryPlan } from "./plan.ts";

/** An index in memory that is filtered. */
export interface FilterMemory {
  readonly kernels: Pick<Kernels, "memory" | "changedBuckets" | "filterDistance">;
  readonly header: IndexHeader;
  readonly plan: MemoryPlan;
}

/** Returns the bits of the filter of the table with this number, one for each position. The kinds of tables count on. */
function filterBits({ kernels, plan, header }: FilterMemory, table: number): Uint8Array {
  const address = plan.regions.filterBits + table * filterBytes(plan.capacity);
  return new Uint8Array(kernels.memory.buffer, address, filterBytes(header.facts.itemCount));
}

/** Returns the bits of the filter in place. */
function bitsInPlace({ kernels, plan, header }: FilterMemory): Uint8Array {
  return new Uint8Array(kernels.memory.buffer, plan.regions.excluded, Math.ceil(header.facts.itemCount / 8));
}

/** A filter that differs from another in more than this part of the classes is far from it. */
const FAR = 32;

/**
 * The filters under which tables were made: the bits that each had then, beside a number for them. Tables of one number have the
 * same bits, so what has changed since is found once for all of them.
 */
export class TableFilters {
  /** The number of each table's filter. That without any bit, which all tables have at first, is 0. */
  readonly #numbers: number[] = [];
  #inPlace = 0;
  /** The buckets in headBuckets: those in which the filter in place differs from the one with this number. */
  #listed: { readonly before: number; readonly count: number } | undefined;
  /** Whether the filter in place is far from the one with a number. */
  readonly #measured = new Map<number, boolean>();

  /** Begins to bring tables to the filter in place, which has this number. Searches have used headBuckets since the last time. */
  begin(inPlace: number): void {
    if (inPlace !== this.#inPlace) this.#measured.clear();
    this.#inPlace = inPlace;
    this.#listed = undefined;
  }

  /**
   * Lists in headBuckets the buckets that differ between the filter in place and that of a table, which is then replaced.
   * Returns their number.
   */
  changedBuckets(opened: FilterMemory, table: number): number {
    const before = this.#numberOf(table);
    if (before === this.#inPlace) return 0;
    if (this.#listed?.before === before) {
      this.copy(opened, table);
      return this.#listed.count;
    }
    const { layout, regions } = opened.plan;
    const bits = filterBits(opened, table).byteOffset;
    const count = opened.kernels.changedBuckets(layout, regions.excluded, bits, regions.headBuckets);
    this.#listed = { before, count };
    this.#numbers[table] = this.#inPlace;
    return count;
  }

  /** Returns true if the filter in place is so far from that of a table that a change takes longer than a new start. */
  isFar(opened: FilterMemory, table: number): boolean {
    const before = this.#numberOf(table);
    if (before === this.#inPlace) return false;
    const measured = this.#measured.get(before);
    if (measured !== undefined) return measured;
    const { kernels, plan, header } = opened;
    const { byteOffset, length } = filterBits(opened, table);
    const isFar = kernels.filterDistance(byteOffset, plan.regions.excluded, length) > header.facts.itemCount / FAR;
    this.#measured.set(before, isFar);
    return isFar;
  }

  /** Makes the filter in place that of a table. */
  copy(opened: FilterMemory, table: number): void {
    if (this.#numberOf(table) === this.#inPlace) return;
    filterBits(opened, table).set(bitsInPlace(opened));
    this.#numbers[table] = this.#inPlace;
  }

  /** Makes the filter of a table one that leaves nothing out. */
  clear(opened: FilterMemory, table: number): void {
    if (this.#numberOf(table) === 0) return;
    filterBits(opened, table).fill(0);
    this.#numbers[table] = 0;
  }

  #numberOf(table: number): number {
    return this.#numbers[table] ?? 0;
  }
}
