// The tensor `statistics.values`: f32 (STATISTICS_BANDS, STATISTICS_FIELDS). The first row is of all queries, the others of the
// bands of their best classes. A row holds the number of its queries, then mean and standard deviation of each measure, then
// zeros.

/** The name of the section, and its version. */
export const STATISTICS = "statistics";
export const STATISTICS_VERSION = 1;

/** The groups of queries, in the order of the rows: all of them, then by the popularity of their best class. */
export const STATISTICS_BANDS = ["all", "head", "torso", "tail"] as const;
/** The measures of the default answer to a query, in the order of the fields. */
export const STATISTICS_MEASURES = ["log_partition", "ess_share", "head_share"] as const;
export const STATISTICS_FIELDS = 8;

/** The tensor `statistics.bands` has the bands of four classes in a byte, the first in the lowest bits. */
export const CLASSES_PER_BYTE = 4;

/** Returns the index of the band of a class in STATISTICS_BANDS: 0 if the class is not in the tensor. */
export const bandIn = (packed: Uint8Array, id: number): number => ((packed[id >> 2] ?? 0) >> (2 * (id & 3))) & 3;
