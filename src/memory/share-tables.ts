import * as structs from "../../build/structs.ts";
import { GUIDE_STEP } from "../abi.ts";
import { RecentTables } from "./recent-tables.ts";
import type { FilterMemory, TableFilters } from "./table-filters.ts";

/** The shares of one temperature. */
interface ShareTable {
  readonly index: number;
  /** 1 / T of the shares. */
  readonly scale: number;
  /** Marks the shares of the table: an even number, because the next one marks their guides (assembly/shares.ts). */
  stamp: number;
}

/**
 * The shares of the temperatures that were used last, a table for each. A bucket's shares are made when it is drawn from,
 * and again when its classes have come or gone.
 */
export class ShareTables {
  readonly #tables = new RecentTables<ShareTable>({ index: 0, scale: 1, stamp: 2 });
  readonly #filters: TableFilters;
  #stamps = 2;

  /** `filters` are those of all kinds of tables. */
  constructor(filters: TableFilters) {
    this.#filters = filters;
  }

  /** Puts shares at 1 / T = `scale` and for the filter in place. Without biases all temperatures have the same. */
  use(opened: FilterMemory, scale: number): void {
    const { hasBias, bucketCount } = opened.header.facts;
    const { layout, regions, shareTables, weightTables, capacity } = opened.plan;
    const firstFilter = weightTables + 1; // behind those of the weights and of the counts
    const found = this.#tables.find((table) => !hasBias || table.scale === scale);
    const table = found ?? this.#tables.add(shareTables, (index) => ({ index, scale, stamp: 0 }));
    const filter = firstFilter + table.index;
    const isNew = !found || this.#filters.isFar(opened, filter);
    if (isNew) {
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
    fields.setUint32(structs.LAYOUT_SHARE_STAMPS, stampsAt, true);
    fields.setUint32(structs.LAYOUT_SHARES, regions.shares + table.index * 4 * capacity, true);
    const guides = 4 * Math.ceil(capacity / GUIDE_STEP);
    fields.setUint32(structs.LAYOUT_SHARE_GUIDES, regions.shareGuides + table.index * guides, true);
    fields.setUint32(structs.LAYOUT_SHARE_STAMP, table.stamp, true);
    if (isNew) fields.setUint32(structs.LAYOUT_PLACES_GUIDES, 0, true); // until the next query
  }
}
