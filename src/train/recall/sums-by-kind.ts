import { CURVE_KS } from "../../format/recall-curve.ts";
import type { RecallTally } from "./recall-settings.ts";

/** Sums what was found, (queries, CURVE_KS, scans, rescores), and the rows, (queries, CURVE_KS), over the queries of each kind. */
export function sumsOf(
  found: Uint16Array,
  exactRows: Float64Array,
  kindCount: number,
): Pick<RecallTally, "hits" | "squares" | "exactRows"> {
  const length = kindCount * CURVE_KS.length;
  const settingCount = found.length / exactRows.length;
  return {
    hits: sumByKind(found, length * settingCount),
    squares: sumByKind(
      found.map((hits) => hits * hits),
      length * settingCount,
    ),
    exactRows: sumByKind(exactRows, length),
  };
}

/**
 * Sums values, (queries, size), over the queries of each kind, which take turns. Returns f64 (kinds, size). `length` is the number
 * of these sums.
 */
function sumByKind(values: Uint16Array | Float64Array, length: number): Float64Array {
  const sums = new Float64Array(length);
  for (let i = 0; i < values.length; i++) sums[i % length] = (sums[i % length] as number) + (values[i] as number);
  return sums;
}
