import type { IndexHeader } from "../format/header.ts";
import type { Kernels } from "./kernels.ts";
import type { MemoryPlan } from "./plan.ts";
import { RecentTables } from "./recent-tables.ts";

interface KnotMemory {
  readonly kernels: Pick<Kernels, "measurePortions" | "weighKnot">;
  readonly header: IndexHeader;
  readonly plan: MemoryPlan;
}

interface KnotTable {
  readonly knot: number;
  readonly index: number;
}

/** The weights of buckets and the portions of classes at the knots that were used last, each computed when it is needed. */
export class KnotTables {
  /** Load has weighed the knot of T = 1. */
  readonly #weights = new RecentTables<KnotTable>({ knot: 1, index: 0 });
  readonly #portions = new RecentTables<KnotTable>();

  /** Returns the address of log w_b of all classes, by bucket. It stays valid until more than one other knot was asked for. */
  weights({ kernels, plan, header }: KnotMemory, knot: number): number {
    const found = this.#weights.find((table) => table.knot === knot);
    const { index } = found ?? this.#weights.add(plan.knotTables, (place) => ({ knot, index: place }));
    const address = plan.regions.knots + index * 4 * header.facts.bucketCount;
    if (!found) kernels.weighKnot(plan.layout, knot, address);
    return address;
  }

  /**
   * Returns the address of the portions of all classes, by position, in the same way. Returns 0 if they are to be made when
   * they are needed: where there is no place for them, and for less than all buckets no free place.
   */
  portions({ kernels, plan }: KnotMemory, knot: number, ofAll: boolean): number {
    const found = this.#portions.find((table) => table.knot === knot);
    if (!found && (plan.portionTables === 0 || (!ofAll && this.#portions.count === plan.portionTables))) return 0;
    const { index } = found ?? this.#portions.add(plan.portionTables, (place) => ({ knot, index: place }));
    const address = plan.regions.portions + index * 4 * plan.capacity;
    if (!found) kernels.measurePortions(plan.layout, knot, address);
    return address;
  }
}
