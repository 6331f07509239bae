import type { IndexHeader } from "../format/header.ts";
import type { Delta } from "./delta.ts";
import type { Kernels } from "./kernels.ts";
import type { MemoryPlan } from "./plan.ts";

/** An index in memory whose classes are filtered. */
export interface FilteredIndex {
  readonly kernels: Pick<Kernels, "memory" | "excludeOthers" | "countBits">;
  readonly header: IndexHeader;
  readonly plan: MemoryPlan;
  readonly delta?: Delta;
}

/** Returns the bits of the filter: one for each position, lowest first, set where the class is filtered out. */
export const bitsOf = ({ kernels, plan }: FilteredIndex): Int32Array =>
  new Int32Array(kernels.memory.buffer, plan.regions.excluded, Math.ceil(plan.capacity / 32));
