import { DEFAULT_RECALL, DEFAULT_SCAN } from "../answers/options.ts";
import type { TopEffort } from "../answers/top.ts";
import { choosePoint } from "../format/recall-curve.ts";
import type { IndexInfo } from "./info.ts";

/** Returns whether there is a recall curve to go by. */
export const hasRecallCurve = ({ recallCurves }: Pick<IndexInfo, "recallCurves">): boolean =>
  recallCurves.some(({ points }) => points.length > 0);

/**
 * Returns the effort of topK for a recall, by default DEFAULT_RECALL, by the recall curves. Above them, without any, and where
 * a point would rescore more than `maxScan` rows, only exact answers are known to be enough.
 */
export function effortForRecall(
  { recallCurves, recallQueries, itemCount }: Pick<IndexInfo, "recallCurves" | "recallQueries" | "itemCount">,
  k: number,
  recall: number | undefined,
  maxScan: number,
): TopEffort {
  const wanted = recall ?? DEFAULT_RECALL;
  const exact: TopEffort = { exact: true, scan: 0 };
  if (recallQueries !== undefined) {
    const point = choosePoint(recallCurves, k, wanted);
    if (point === undefined || point.rescore > maxScan) return exact;
    const { scan, rescore } = point;
    return { exact: false, scan: Math.min(scan, itemCount), rescore, isMeasured: true };
  }
  // A file of format 1 does not say what its curves were measured on. It answers as it always has: `scan` does not grow
  // with k, and the default recall is no promise.
  const point = choosePoint(recallCurves, k, wanted, { growsScan: false });
  if (point !== undefined) {
    return { exact: false, scan: point.scan, rescore: Math.min(point.rescore, maxScan), isMeasured: true };
  }
  return recall === undefined ? { exact: false, scan: Math.min(DEFAULT_SCAN, maxScan, itemCount) } : exact;
}
