import { isolateBytes } from "../../src/internal.ts";
import { INDEX_LIMITS } from "../contract/limits.ts";

/** Returns the memory that a Worker takes for an index with room for so many rows of changes, which is whole pages. */
export const workerBytes = (header: Parameters<typeof isolateBytes>[0], maxDelta = 0): number =>
  isolateBytes(header, { ...INDEX_LIMITS, maxDelta });
