import { oneOf, sequence } from "./metadata.ts";
import { type VersionedSection, versionedSection } from "./section.ts";

/** What is known about an index that was made of an older one and changes. No answer depends on it. */
export interface CompactionFacts {
  /** The sequence number of the last change that is in the file. Changes of the file begin behind it. */
  readonly sequence: number;
  /** Where the calibration of error bars comes from: "measured" on this file, "carried" over from the older one, or "none". */
  readonly calibration: MeasureOrigin;
  /** Where the recall curves come from. */
  readonly curves: MeasureOrigin;
}

/** Where a measurement comes from: this file, the one that it was compacted from, or nowhere. */
export type MeasureOrigin = "measured" | "carried" | "none";

const origin = oneOf<MeasureOrigin>("measured", "carried", "none");

/** A reader that does not know the section ignores it. */
export const COMPACTION: VersionedSection<CompactionFacts> = versionedSection<CompactionFacts>(1, "ignore", {
  sequence,
  calibration: origin,
  curves: origin,
});
