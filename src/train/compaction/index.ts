/**
 * Compaction: {@link compact} makes a new index file of an older one and its changes, without training. docs/changes.md says
 * what stays exact.
 *
 * @module
 */
export { compact } from "./compact-inlined.ts";
export type { Compaction, CompactionReport, CompactOptions } from "./compact-options.ts";
export type { Changes, ChangesInOrder } from "./resolved-changes.ts";
