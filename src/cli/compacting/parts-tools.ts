import { compact } from "../../train/compaction/compact-inlined.ts";
import type { CompactOptions } from "../../train/compaction/compact-options.ts";
import { measureParts } from "../../train/compaction/parts/measure-parts.ts";
import type { PartsTools } from "../../train/compaction/parts/parts-tools.ts";
import { verified } from "../publishing/verified-file.ts";

/** Returns what a compaction of parts works with in this process. */
export const partsTools = (measuring: Pick<CompactOptions, "calibrate" | "queries" | "signal">): PartsTools => ({
  compact,
  describe: async (file) => (await verified(file)).info,
  measure: (parts, older) => measureParts(parts, older, measuring),
});
