import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";

/** Scores are f32 sums of products, which are off by about this part of the largest score. */
const SCORE_ROUNDING = 2 ** -22;

/**
 * Estimates the standard error of log Z that rounding causes, from the largest score over T: rounding of scores to f32, and
 * of the query to 16 bits, in the product with the longest row of int8.
 */
export function roundingOf(opened: OpenedIndex, logit: number): number {
  const { conditions, errorBars } = opened;
  const inScores = Math.abs(logit) * SCORE_ROUNDING;
  if (errorBars.scoreByStep === 0) return finite(inScores);
  const step = read(opened, structs.SEARCH_QUERY_STEP);
  return finite(inScores) + step * errorBars.scoreByStep * conditions.inverseTemperature;
}

/** Returns 0 for the largest score of an empty head, −∞. */
const finite = (value: number): number => (value < Number.POSITIVE_INFINITY ? value : 0);
