import type { IndexHeader } from "../../src/format/header.ts";
import { ADDRESSABLE_BYTES } from "../../src/memory/addressable-bytes.ts";
import { DEFAULT_LIMITS, ISOLATE_BYTES } from "../../src/memory/load-options.ts";
import { type MemoryPlan, planMemory } from "../../src/memory/plan.ts";
import { INDEX_LIMITS } from "../contract/limits.ts";

/** The start of the heap, after the constants of the modules. */
export const HEAP_BASE = 4096;

const PAGE_BYTES = 65536;

/**
 * Returns the memory that a Worker takes for an index with room for so many rows of changes, which is whole pages. Near its limit a
 * Worker keeps fewer tables from call to call. What no Worker can open is counted as a process opens it.
 */
export function workerBytes(header: Pick<IndexHeader, "facts" | "fileBytes">, maxDelta = 0): number {
  const limits = { ...DEFAULT_LIMITS, ...INDEX_LIMITS, maxDelta };
  return pages(planWithin(ISOLATE_BYTES) ?? planMemory(header, { ...limits, maxBytes: ADDRESSABLE_BYTES }, HEAP_BASE));

  function planWithin(maxBytes: number): MemoryPlan | undefined {
    try {
      return planMemory(header, { ...limits, maxBytes }, HEAP_BASE);
    } catch {
      return undefined;
    }
  }
}

const pages = ({ totalBytes }: MemoryPlan): number => Math.ceil(totalBytes / PAGE_BYTES) * PAGE_BYTES;
