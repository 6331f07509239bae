import type { IndexHeader } from "../format/header.ts";
import { ADDRESSABLE_BYTES } from "./addressable-bytes.ts";
import { DEFAULT_LIMITS, ISOLATE_BYTES } from "./load-options.ts";
import { type Limits, type MemoryPlan, planMemory } from "./plan.ts";

/** The start of the heap, after the constants of the modules. */
export const HEAP_BASE = 4096;

const PAGE_BYTES = 65536;

/**
 * Returns the memory that an isolate of a Worker takes for an index, which is whole pages. Near its limit it keeps fewer tables
 * from call to call. What no isolate can open is counted as a process opens it.
 */
export function isolateBytes(
  header: Pick<IndexHeader, "facts" | "fileBytes">,
  limits: Partial<Omit<Limits, "maxBytes">>,
): number {
  const plan = planWithin(ISOLATE_BYTES) ?? planMemory(header, limitsWith(ADDRESSABLE_BYTES), HEAP_BASE);
  return Math.ceil(plan.totalBytes / PAGE_BYTES) * PAGE_BYTES;

  function planWithin(maxBytes: number): MemoryPlan | undefined {
    try {
      return planMemory(header, limitsWith(maxBytes), HEAP_BASE);
    } catch {
      return undefined;
    }
  }

  function limitsWith(maxBytes: number): Limits {
    return { ...DEFAULT_LIMITS, ...limits, maxBytes };
  }
}
