import * as structs from "../../build/structs.ts";
import type { IndexHeader } from "../format/header.ts";
import type { Kernels } from "./kernels.ts";
import type { MemoryPlan } from "./plan.ts";
import { RecentTables } from "./recent-tables.ts";

interface KnotMemory {
  readonly kernels: Pick<Kernels, "memory" | "weighKnot">;
  readonly header: IndexHeader;
  readonly plan: MemoryPlan;
}

/** The weights of all classes at the knots that were used last, each computed when it is needed. */
export class KnotTables {
  readonly #tables = new RecentTables<{ readonly knot: number; readonly index: number }>();

  /** Returns the address of the weights at a knot, by bucket. It stays valid until more than one other knot was asked for. */
  at(opened: KnotMemory, knot: number): number {
    const { kernels, plan, header } = opened;
    const addressOf = ({ index }: { readonly index: number }): number =>
      plan.regions.knots + index * 4 * header.facts.bucketCount;
    const found = this.#tables.find((table) => table.knot === knot);
    if (found) return addressOf(found);
    const address = addressOf(this.#tables.add(plan.knotTables, (index) => ({ knot, index })));
    const fields = new DataView(kernels.memory.buffer, plan.layout);
    const excluded = fields.getUint32(structs.LAYOUT_EXCLUDED, true);
    fields.setUint32(structs.LAYOUT_EXCLUDED, 0, true);
    kernels.weighKnot(plan.layout, knot, address);
    fields.setUint32(structs.LAYOUT_EXCLUDED, excluded, true);
    return address;
  }
}
