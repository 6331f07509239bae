import { isolateBytes, leastIsolateBytes } from "../../src/internal.ts";
import { INDEX_LIMITS } from "../contract/limits.ts";

type Header = Parameters<typeof isolateBytes>[0];

/** Returns the memory that a Worker takes for an index with room for so many rows of changes, which is whole pages. */
export const workerBytes = (header: Header, maxDelta = 0): number =>
  isolateBytes(header, { ...INDEX_LIMITS, maxDelta });

/** Returns the memory that is enough for a Worker to load it beside another one. */
export const leastWorkerBytes = (header: Header, maxDelta = 0): number =>
  leastIsolateBytes(header, { ...INDEX_LIMITS, maxDelta });
