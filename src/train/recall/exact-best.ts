import type { TopK } from "../../answers/answers.ts";
import { timeToCertify } from "../../answers/certified-top.ts";
import { scanForTop } from "../../answers/full-scan.ts";
import { topOf } from "../../answers/top.ts";
import { CURVE_KS } from "../../format/recall-curve.ts";
import type { OpenedIndex } from "../../memory/opened-index.ts";

/** The most classes that are asked for. */
export const MOST_FOUND = CURVE_KS.at(-1) as number;

/** Finds the best stored rows for the query in place by a scan of all, with the same scores as those of topK. */
export function scanForBest(opened: OpenedIndex): TopK {
  const { itemCount } = opened.header.facts;
  scanForTop(opened, Math.min(MOST_FOUND, itemCount));
  return topOf(opened, true, itemCount);
}

/** Returns the k-th best score for each k of CURVE_KS, from the scores of the best classes, best first. */
export const leastOf = (scores: Float32Array, itemCount: number): number[] =>
  CURVE_KS.map((k) => scores[Math.min(k, itemCount) - 1] as number);

/**
 * Adds to row `row` of `exactRows`, (rows, CURVE_KS), the number of rows that a scan reads in the time of exact answers to the
 * query in place: integers, so that sums do not depend on their order.
 */
export function addExactRows(opened: OpenedIndex, exactRows: Float64Array, row: number): void {
  const { itemCount } = opened.header.facts;
  for (const [c, k] of CURVE_KS.entries()) {
    const at = row * CURVE_KS.length + c;
    const rows = Math.round(itemCount * timeToCertify(opened, Math.min(k, itemCount)));
    exactRows[at] = (exactRows[at] as number) + rows;
  }
}
