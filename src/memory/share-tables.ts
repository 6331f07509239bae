import * as structs from "../../build/structs.ts";
import { GUIDE_STEP } from "../abi.ts";
import { type KnotPlace, ownKnot } from "./knots.ts";
import { RecentTables } from "./recent-tables.ts";
import type { FilterMemory, TableFilters } from "./table-filters.ts";

/** The shares of one knot or temperature and filter or, if only one table is kept, the mean of those at two knots. */
interface ShareTable {
  readonly index: number;
  readonly place: KnotPlace;
  /** Marks the shares of the table: an even number, because the next one marks their guides (assembly/shares.ts). */
  stamp: number;
}

/** The fields of Layout that say where a table is, and what it has. */
interface TableFields {
  readonly stamp: number;
  readonly stamps: number;
  readonly shares: number;
  readonly guides: number;
}

const LOW: TableFields = {
  stamp: structs.LAYOUT_SHARE_STAMP,
  stamps: structs.LAYOUT_SHARE_STAMPS,
  shares: structs.LAYOUT_SHARES,
  guides: structs.LAYOUT_SHARE_GUIDES,
};
const HIGH: TableFields = {
  stamp: structs.LAYOUT_HIGH_SHARE_STAMP,
  stamps: structs.LAYOUT_HIGH_SHARE_STAMPS,
  shares: structs.LAYOUT_HIGH_SHARES,
  guides: structs.LAYOUT_HIGH_SHARE_GUIDES,
};

/**
 * The shares of the knots, temperatures and filters that were used last, a table for each. A bucket's shares are made when it is
 * drawn from, and again when its classes have come or gone. Between two knots the kernels read those of both, and take their mean.
 */
export class ShareTables {
  readonly #tables = new RecentTables<ShareTable>({ index: 0, place: ownKnot(1), stamp: 2 });
  readonly #filters: TableFilters;
  #stamps = 2;

  /** `filters` are those of all kinds of tables. */
  constructor(filters: TableFilters) {
    this.#filters = filters;
  }

  /** Puts shares at a place among knots and for the filter in place. Without biases all temperatures have the same. */
  use(opened: FilterMemory, place: KnotPlace): void {
    const { kernels, plan, header } = opened;
    const { low, high, highPart } = place;
    const part = header.facts.hasBias ? Math.floor(highPart * 2 ** 32) : 0;
    const fields = new DataView(kernels.memory.buffer, plan.layout);
    const readsBoth = part > 0 && plan.shareTables > 1;
    const isNewLow = this.#put(opened, readsBoth ? ownKnot(low) : place, LOW);
    const isNewHigh = readsBoth && this.#put(opened, ownKnot(high), HIGH);
    fields.setFloat32(structs.LAYOUT_SHARE_SCALE, low, true);
    fields.setFloat32(structs.LAYOUT_HIGH_SHARE_SCALE, high, true);
    fields.setUint32(structs.LAYOUT_HIGH_SHARE_PART, readsBoth ? part : 0, true);
    fields.setUint32(structs.LAYOUT_MIXED_SHARE_PART, readsBoth ? 0 : part, true);
    if (isNewLow || isNewHigh) fields.setUint32(structs.LAYOUT_PLACES_GUIDES, 0, true); // until the next query
  }

  /** Puts a table of shares in place, and returns whether all of them are still to be made. */
  #put(opened: FilterMemory, place: KnotPlace, at: TableFields): boolean {
    const { hasBias, bucketCount } = opened.header.facts;
    const { layout, regions, shareTables, weightTables, capacity } = opened.plan;
    const firstFilter = weightTables + 1; // behind those of the weights and of the counts
    const found = this.#tables.find(
      (table) =>
        (!hasBias || (table.place.low === place.low && table.place.highPart === place.highPart)) &&
        !this.#filters.isFar(opened, firstFilter + table.index),
    );
    const table = found ?? this.#tables.add(shareTables, (index) => ({ index, place, stamp: 0 }));
    const filter = firstFilter + table.index;
    if (!found) {
      this.#stamps = (this.#stamps + 2) % 2 ** 32 || 2; // 0 marks a bucket without shares
      table.stamp = this.#stamps; // no share has it, so all are made again
      this.#filters.copy(opened, filter);
    }
    const { buffer } = opened.kernels.memory;
    const stampsAt = regions.shareStamps + table.index * 4 * bucketCount;
    const changed = this.#filters.changedBuckets(opened, filter);
    if (changed > 0) {
      const stamps = new Uint32Array(buffer, stampsAt, bucketCount);
      for (const bucket of new Int32Array(buffer, regions.headBuckets, changed)) stamps[bucket] = 0;
    }
    const fields = new DataView(buffer, layout);
    fields.setUint32(at.stamp, table.stamp, true);
    fields.setUint32(at.stamps, stampsAt, true);
    fields.setUint32(at.shares, regions.shares + table.index * 4 * capacity, true);
    fields.setUint32(at.guides, regions.shareGuides + table.index * 4 * Math.ceil(capacity / GUIDE_STEP), true);
    return !found;
  }
}
