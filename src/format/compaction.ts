import { oneOf, sequence } from "./metadata.ts";
import { type VersionedSection, versionedSection } from "./section.ts";

/** Facts about an index that was made from an older one and changes. No answer depends on them. */
export interface CompactionFacts {
  /** The sequence number of the last change that is in the file. Changes of the file begin after it. */
  readonly sequence: number;
  /** The origin of the calibration of error bars: "measured" on this file, "carried" over from the older one, or "none". */
  readonly calibration: MeasureOrigin;
  /** The origin of the recall curves. */
  readonly curves: MeasureOrigin;
}

/** The origin of a measurement: this file, the one that it was compacted from, or none. */
export type MeasureOrigin = "measured" | "carried" | "none";

const origin = oneOf<MeasureOrigin>("measured", "carried", "none");

/** A reader that does not know the section ignores it. */
export const COMPACTION: VersionedSection<CompactionFacts> = versionedSection<CompactionFacts>(1, "ignore", {
  sequence,
  calibration: origin,
  curves: origin,
});
