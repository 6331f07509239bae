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
export function filterBits({ kernels, plan, header }: FilterMemory, table: number): Uint8Array {
  const address = plan.regions.filterBits + table * filterBytes(plan.capacity);
  return new Uint8Array(kernels.memory.buffer, address, filterBytes(header.facts.itemCount));
}

/** Returns the bits of the filter in place. */
function bitsInPlace({ kernels, plan, header }: FilterMemory): Uint8Array {
  return new Uint8Array(kernels.memory.buffer, plan.regions.excluded, Math.ceil(header.facts.itemCount / 8));
}

/**
 * Lists in headBuckets the buckets that differ between the filter in place and that of a table, which is then replaced.
 * Returns their number.
 */
export function changedBuckets(opened: FilterMemory, table: number): number {
  const { layout, regions } = opened.plan;
  const bits = filterBits(opened, table).byteOffset;
  return opened.kernels.changedBuckets(layout, regions.excluded, bits, regions.headBuckets);
}

/** A filter that differs from another in more than this part of the classes is far from it. */
const FAR = 32;

/** Returns true if the filter in place is so far from that of a table that a change takes longer than a new start. */
export function isFar(opened: FilterMemory, table: number): boolean {
  const { kernels, plan, header } = opened;
  const { byteOffset, length } = filterBits(opened, table);
  return kernels.filterDistance(byteOffset, plan.regions.excluded, length) > header.facts.itemCount / FAR;
}

/** Makes the filter in place that of a table. */
export function copyFilter(opened: FilterMemory, table: number): void {
  filterBits(opened, table).set(bitsInPlace(opened));
}
