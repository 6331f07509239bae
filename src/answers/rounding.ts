import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";

/** Scores are f32 sums of products, which are off by about this part of the largest score. */
const SCORE_ROUNDING = 2 ** -22;

/**
 * Estimates the standard error of log Z that rounding causes, from the largest score over T: of scores to f32, of the sums that
 * they are, and of the query to 16 bits, in the product with the longest row of int8.
 */
export function roundingOf(opened: OpenedIndex, logit: number): number {
  const { conditions, errorBars } = opened;
  const inScores = Math.abs(logit) * SCORE_ROUNDING;
  const bySteps = read(opened, structs.SEARCH_QUERY_STEP) * errorBars.scoreByStep;
  const inSums = Math.sqrt(read(opened, structs.SEARCH_QUERY_SQUARE)) * errorBars.scoreByNorm;
  return finite(inScores) + (bySteps + inSums) * conditions.inverseTemperature;
}

/** Returns 0 for the largest score of an empty head, −∞. */
const finite = (value: number): number => (value < Number.POSITIVE_INFINITY ? value : 0);
