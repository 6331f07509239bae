import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import type { IndexHeader } from "../../format/header.ts";
import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import { DEFAULT_LIMITS } from "../../memory/load-options.ts";
import { planMemory } from "../../memory/plan.ts";

/** The start of the heap, after the constants of the modules. */
export const HEAP_BASE = 4096;

const PAGE_BYTES = 65536;

/** Returns the memory that a Worker takes for an index with room for so many rows of changes, which is whole pages. */
export function workerBytes(header: Pick<IndexHeader, "facts" | "fileBytes">, maxDelta = 0): number {
  const limits = { ...DEFAULT_LIMITS, ...INDEX_LIMITS, maxDelta, maxBytes: ADDRESSABLE_BYTES };
  const { totalBytes } = planMemory(header, limits, HEAP_BASE);
  return Math.ceil(totalBytes / PAGE_BYTES) * PAGE_BYTES;
}
