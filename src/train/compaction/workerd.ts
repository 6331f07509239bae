export { compact } from "./compact-imported.ts";
export type { Compaction, CompactionReport, CompactOptions } from "./compact-options.ts";
export type { Changes } from "./resolved-changes.ts";
