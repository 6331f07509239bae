import * as structs from "../../build/structs.ts";
import { BLOCK_SLOTS } from "../abi.ts";
import type { IndexHeader } from "../format/header.ts";
import type { Kernels } from "./kernels.ts";
import { KnotTables } from "./knot-tables.ts";
import { KNOTS, type KnotPlace, ownKnot, placeAmongKnots, placeOfShares } from "./knots.ts";
import { align16, type MemoryPlan } from "./plan.ts";
import { RecentTables } from "./recent-tables.ts";
import { ShareTables } from "./share-tables.ts";
import { TableFilters } from "./table-filters.ts";

/** An index in memory with the kernels that weigh buckets. */
export interface WeighedIndex {
  readonly kernels: Pick<
    Kernels,
    | "memory"
    | "changedBuckets"
    | "countBuckets"
    | "filterDistance"
    | "filterKnot"
    | "measurePortions"
    | "weighBuckets"
    | "weighKnot"
    | "weighFiltered"
    | "weighSlots"
  >;
  readonly header: IndexHeader;
  readonly plan: MemoryPlan;
}

/** The weights of one temperature and filter, in a place of their own. */
interface WeightTable {
  readonly index: number;
  readonly inverse: number;
  readonly place: KnotPlace;
}

/**
 * The weights of the temperatures and filters that were used last, a table for each (assembly/exact/weights.ts). Where the
 * filter of a call is near that of a table, only buckets whose classes have come or gone are weighed again. A table has the
 * same bits whatever was weighed before, so answers do not depend on which tables are kept.
 */
export class WeightTables {
  /** Load has weighed the first for T = 1 and no filter. */
  readonly #tables = new RecentTables<WeightTable>({ index: 0, inverse: 1, place: ownKnot(1) });
  readonly #filters = new TableFilters();
  readonly #shares = new ShareTables(this.#filters);
  readonly #knots = new KnotTables();

  /**
   * Puts weights for 1 / T and the filter in place, whose number no other filter has. Those between knots are upper bounds, unless
   * `isExact` asks for the weights of this very temperature, at the cost of a pass over all classes. Files without dispersions
   * always have these. Between two knots the shares are the mean of theirs. The weights are on the chord of logarithms, so no
   * class has less than its own weight: draws for log Z could miss it without a trace in their variance.
   */
  use(opened: WeighedIndex, filter: number, inverse: number, isExact: boolean): void {
    const { header, plan } = opened;
    this.#filters.begin(filter);
    const { facts } = header;
    const among = plan.knotTables === 0 ? ownKnot(inverse) : placeAmongKnots(inverse);
    const place = isExact ? ownKnot(inverse) : among;
    const found = this.#tables.find(
      (table) =>
        (!facts.hasBias || (table.inverse === inverse && table.place.low === place.low)) &&
        !this.#filters.isFar(opened, table.index),
    );
    const table = found ?? this.#tables.add(plan.weightTables, (index) => ({ index, inverse, place }));
    this.#shares.use(opened, placeOfShares(among, inverse));
    writeTable(opened, table);
    if (found) this.#countAllowed(opened);
    else this.#weighAll(opened, table);
    const changed = this.#filters.changedBuckets(opened, table.index);
    if (changed > 0) this.#weigh(opened, place, plan.regions.headBuckets, changed);
  }

  /** Counts and weighs all buckets for a new table. Near no filter, those that it changes are left to be weighed again. */
  #weighAll(opened: WeighedIndex, { index, place }: WeightTable): void {
    const { kernels, plan } = opened;
    this.#filters.clear(opened, index);
    const isNear = isAmongKnots(opened, place) && !this.#filters.isFar(opened, index);
    if (isNear || !hasPortions(opened, place)) this.#countAllowed(opened);
    if (isNear) {
      kernels.weighSlots(plan.layout, this.#knots.weights(opened, place.low), this.#knots.weights(opened, place.high));
      return;
    }
    this.#weigh(opened, place, 0, 0);
    for (const filter of [index, plan.weightTables]) this.#filters.copy(opened, filter);
  }

  /** Weighs the buckets of a list, or all if `list` is 0, under the filter in place, and counts them where they have portions. */
  #weigh(opened: WeighedIndex, place: KnotPlace, list: number, count: number): void {
    const { kernels, plan } = opened;
    const { low, high } = place;
    if (!hasPortions(opened, place)) {
      kernels.weighBuckets(plan.layout, list, count);
      return;
    }
    for (const [isHigh, knot] of (high > low ? [low, high] : [low]).entries()) {
      const [logs, portions] = [this.#knots.weights(opened, knot), this.#knots.portions(opened, knot, list === 0)];
      kernels.filterKnot(plan.layout, list, count, logs, portions, isHigh);
    }
    kernels.weighFiltered(plan.layout, list, count);
  }

  /** Counts the classes of the buckets that the filter in place has changed since they were counted. */
  #countAllowed(opened: WeighedIndex): void {
    const { kernels, plan } = opened;
    if (this.#filters.isFar(opened, plan.weightTables)) {
      kernels.countBuckets(plan.layout, 0, 0);
      this.#filters.copy(opened, plan.weightTables);
      return;
    }
    const changed = this.#filters.changedBuckets(opened, plan.weightTables);
    if (changed > 0) kernels.countBuckets(plan.layout, plan.regions.headBuckets, changed);
  }
}

const isAmongKnots = ({ plan }: WeighedIndex, { low }: KnotPlace): boolean =>
  plan.knotTables > 0 && KNOTS.includes(low);

/** Returns true if weights come from portions. At the last knot, the largest bias, no class has a portion. */
const hasPortions = (opened: WeighedIndex, place: KnotPlace): boolean =>
  isAmongKnots(opened, place) && place.high < Number.POSITIVE_INFINITY;

const slotBytes = ({ plan }: WeighedIndex): number => 4 * BLOCK_SLOTS * plan.blocks;

/** Makes kernels read a table. */
function writeTable(opened: WeighedIndex, { index, place }: WeightTable): void {
  const { kernels, plan, header } = opened;
  const { regions } = plan;
  const fields = new DataView(kernels.memory.buffer, plan.layout);
  const groupBytes = align16(4 * 2 ** header.facts.bits);
  const bucketBytes = align16(4 * header.facts.bucketCount);
  fields.setUint32(structs.LAYOUT_SLOT_WEIGHTS, regions.slotWeights + index * slotBytes(opened), true);
  fields.setUint32(structs.LAYOUT_BUCKET_LOG_WEIGHTS, regions.bucketLogWeights + index * bucketBytes, true);
  fields.setUint32(structs.LAYOUT_GROUP_LOG_WEIGHTS, regions.groupLogWeights + index * groupBytes, true);
  fields.setFloat32(structs.LAYOUT_KNOT_LOW, place.low, true);
  fields.setFloat32(structs.LAYOUT_KNOT_HIGH, place.high, true);
  fields.setFloat32(structs.LAYOUT_LOW_PART, place.lowPart, true);
  fields.setFloat32(structs.LAYOUT_HIGH_PART, place.highPart, true);
}
