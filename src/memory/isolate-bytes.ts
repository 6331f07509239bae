import type { IndexHeader } from "../format/header.ts";
import { ADDRESSABLE_BYTES } from "./addressable-bytes.ts";
import { DEFAULT_LIMITS, ISOLATE_BYTES } from "./load-options.ts";
import { type Limits, leastBytes, planMemory } from "./plan.ts";

/** The start of the heap, after the constants of the modules. */
export const HEAP_BASE = 4096;

const PAGE_BYTES = 65536;

type Header = Pick<IndexHeader, "facts" | "fileBytes">;
/** The limits that an isolate loads an index with. */
type IsolateLimits = Partial<Omit<Limits, "maxBytes">>;

const pages = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;

/**
 * Returns the memory that an isolate of a Worker takes for an index, which is whole pages. Near its limit it keeps fewer tables
 * from call to call. What no isolate can open is counted as a process opens it.
 */
export function isolateBytes(header: Header, limits: IsolateLimits): number {
  const maxBytes = leastIsolateBytes(header, limits) <= ISOLATE_BYTES ? ISOLATE_BYTES : ADDRESSABLE_BYTES;
  return pages(planMemory(header, { ...DEFAULT_LIMITS, ...limits, maxBytes }, HEAP_BASE).totalBytes);
}

/** Returns the memory that is enough for an index, with the fewest tables that are kept from call to call: whole pages. */
export const leastIsolateBytes = (header: Header, limits: IsolateLimits): number =>
  pages(leastBytes(header, { ...DEFAULT_LIMITS, ...limits }, HEAP_BASE));
