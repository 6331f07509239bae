import { integerOf } from "./metadata.ts";
import { type VersionedSection, versionedSection } from "./section.ts";

/**
 * Facts about the outliers: classes far from their bucket's codewords, which lie behind the last bucket, belong to none and
 * are scored in every head.
 */
export interface OutlierFacts {
  /** The number of outliers, n. Their positions are N − n … N − 1. */
  readonly count: number;
}

/** The most outliers of an index. Every head scores them, so they are few beside the 1,024 classes of a default head. */
export const MAX_OUTLIERS = 256;
/** At most one class in so many is an outlier. */
export const CLASSES_PER_OUTLIER = 8;

/** A reader that does not know the section would miss the outliers, so it refuses the file. */
export const OUTLIERS: VersionedSection<OutlierFacts> = versionedSection(1, "refuse", {
  count: integerOf(({ itemCount }) => [1, Math.min(MAX_OUTLIERS, Math.floor(itemCount / CLASSES_PER_OUTLIER))]),
});
