import * as structs from "../../build/structs.ts";
import type { IndexHeader } from "../format/header.ts";
import type { Kernels } from "./kernels.ts";
import type { MemoryPlan } from "./plan.ts";

interface KnotMemory {
  readonly kernels: Pick<Kernels, "memory" | "weighKnot">;
  readonly header: IndexHeader;
  readonly plan: MemoryPlan;
}

/** The weights of all classes at the knots that were used last, each computed when it is needed. */
export class KnotTables {
  /** The knots, the last used first, with the number of their table. */
  readonly #tables: { readonly knot: number; readonly index: number }[] = [];

  /** Returns the address of the weights at a knot, by bucket. It stays valid until more than one other knot was asked for. */
  at(opened: KnotMemory, knot: number): number {
    const { kernels, plan, header } = opened;
    const found = this.#tables.findIndex((table) => table.knot === knot);
    const last = Math.min(this.#tables.length, plan.knotTables - 1);
    const index = this.#tables[found < 0 ? last : found]?.index ?? last;
    this.#tables.splice(found < 0 ? last : found, 1);
    this.#tables.unshift({ knot, index });
    const address = plan.regions.knots + index * 4 * header.facts.bucketCount;
    if (found >= 0) return address;
    const fields = new DataView(kernels.memory.buffer, plan.layout);
    const excluded = fields.getUint32(structs.LAYOUT_EXCLUDED, true);
    fields.setUint32(structs.LAYOUT_EXCLUDED, 0, true);
    kernels.weighKnot(plan.layout, knot, address);
    fields.setUint32(structs.LAYOUT_EXCLUDED, excluded, true);
    return address;
  }
}
