export { compact } from "./compact-imported.ts";
export type { Compaction, CompactionReport, CompactOptions } from "./compact-options.ts";
export type { Changes, ChangesInOrder } from "./resolved-changes.ts";
