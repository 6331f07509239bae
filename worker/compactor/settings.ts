import { checkNumber, checkOneOf, knownOptions, shown } from "../../src/internal.ts";
import { MOST_DELTA } from "../live/live-settings.ts";
import type { CompactorPlace } from "./compact-published.ts";

/** Options of {@link createCompactor}. */
export interface CompactorOptions {
  /** The key of the pointer, ending in .json. */
  readonly key: string;
  /** The most rows that changes may hold, 1 to 1,000,000. A compaction is due at half of it. Default: as in midx/live. */
  readonly maxDelta?: number;
  /** The most memory that a compaction may take, in bytes. Default 100,000,000: an isolate has 128 MB. */
  readonly maxBytes?: number;
  /**
   * "carry" takes calibration and recall curves over, and the file says so; midx calibrate measures them. "quick" measures, which
   * takes seconds of CPU; those of merged answers of a manifest are carried over all the same. Default "carry".
   */
  readonly calibrate?: "carry" | "quick";
}

const MAX_BYTES = 100_000_000;

/** Checks options. TypeError or RangeError names the one that is wrong. */
export function compactorSettings(options: CompactorOptions): Omit<CompactorPlace, "bucket" | "log"> {
  const known = ["key", "maxDelta", "maxBytes", "calibrate"];
  const { key, maxDelta, maxBytes = MAX_BYTES, calibrate = "carry" } = knownOptions("createCompactor", options, known);
  if (typeof key !== "string" || !key.endsWith(".json")) {
    throw new RangeError(`"key" (INDEX_KEY) expected the key of a pointer, ending in .json, got ${shown(key)}`);
  }
  checkOneOf("calibrate", calibrate, ["carry", "quick"]);
  return {
    key,
    calibrate,
    maxDelta: maxDelta === undefined ? undefined : checkNumber("maxDelta", maxDelta, 1, MOST_DELTA),
    maxBytes: checkNumber("maxBytes", maxBytes, 1, Number.MAX_SAFE_INTEGER),
  };
}
