import * as structs from "../../build/structs.ts";
import { GUIDE_STEP } from "../abi.ts";
import { changedBuckets, copyFilter, type FilterMemory, isFar } from "./filter-bits.ts";

/** The shares of one temperature. */
interface ShareTable {
  readonly index: number;
  /** 1 / T of the shares. */
  scale: number;
  /** Marks the shares of the table (assembly/shares.ts). */
  stamp: number;
}

/**
 * The shares of the temperatures that were used last, a table for each. A bucket's shares are made when it is drawn from,
 * and again when its classes have come or gone.
 */
export class ShareTables {
  /** Those that are in use, the last used first. */
  readonly #tables: ShareTable[] = [{ index: 0, scale: 1, stamp: 1 }];
  #stamps = 1;

  /** Puts shares at 1 / T = `scale` and for the filter in place. Without biases all temperatures have the same. */
  use(opened: FilterMemory, scale: number): void {
    const { hasBias, itemCount, bucketCount } = opened.header.facts;
    const { layout, regions, shareTables, weightTables } = opened.plan;
    const firstFilter = weightTables + 1; // behind those of the weights and of the counts
    let at = this.#tables.findIndex((table) => !hasBias || table.scale === scale);
    if (at < 0 || isFar(opened, firstFilter + (this.#tables[at] as ShareTable).index)) {
      if (at < 0) at = Math.min(this.#tables.length, shareTables - 1);
      const index = this.#tables[at]?.index ?? at;
      this.#stamps++; // no share has this stamp, so all are made again
      this.#tables[at] = { index, scale, stamp: this.#stamps };
      copyFilter(opened, firstFilter + index);
    }
    const [table] = this.#tables.splice(at, 1) as [ShareTable];
    this.#tables.unshift(table);
    const { buffer } = opened.kernels.memory;
    const stampsAt = regions.shareStamps + table.index * 4 * bucketCount;
    const stamps = new Uint32Array(buffer, stampsAt, bucketCount);
    const changed = changedBuckets(opened, firstFilter + table.index);
    for (const bucket of new Int32Array(buffer, regions.headBuckets, changed)) stamps[bucket] = 0;
    const fields = new DataView(buffer, layout);
    fields.setUint32(structs.LAYOUT_SHARE_STAMPS, stampsAt, true);
    fields.setUint32(structs.LAYOUT_SHARES, regions.shares + table.index * 4 * itemCount, true);
    const guides = 4 * Math.ceil(itemCount / GUIDE_STEP);
    fields.setUint32(structs.LAYOUT_SHARE_GUIDES, regions.shareGuides + table.index * guides, true);
    fields.setUint32(structs.LAYOUT_SHARE_STAMP, table.stamp, true);
    fields.setFloat32(structs.LAYOUT_SHARE_SCALE, table.scale, true);
  }
}
