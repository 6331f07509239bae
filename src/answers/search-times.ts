import type { RowType } from "../format/facts.ts";

// The times of searches for the best classes, in units of a scan of all rows, which reads them in their order. Measured with
// rows of 64 and 100 dimensions, 10,000 to 1,000,000 of them. A scan of longer rows takes longer, and codes stay as they are.

/** The time of a class in a bucket that cannot be excluded, as a multiple of that of a class in a scan. */
export const CANDIDATE = 1 / 0.6;

/** The time of the fine codes of all classes. */
export const CODES = { i8: 0.5, f16: 0.15, f32: 0.15 } as const satisfies Record<RowType, number>;

/** The time of a row that is read out of order, because of its code, as a multiple of that of a row in a scan. */
export const CODED_CANDIDATE = { i8: 10, f16: 4, f32: 4 } as const satisfies Record<RowType, number>;

/** Returns the time of a search that reads the codes of `scan` rows and scores `rescore` of them exactly. */
export const timeOfSearch = (
  { rows, itemCount }: { readonly rows: RowType; readonly itemCount: number },
  { scan, rescore }: { readonly scan: number; readonly rescore: number },
): number => (CODES[rows] * scan + CODED_CANDIDATE[rows] * rescore) / itemCount;
