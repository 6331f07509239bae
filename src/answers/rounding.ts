import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";

/** Scores are f32 sums of products, which are off by about this part of the largest score. */
const SCORE_ROUNDING = 2 ** -22;

/**
 * Estimates the standard error of log Z that rounding causes, from the largest score over T: of scores in f32, and of the
 * query's 16-bit values, each off by a step over √12, in the product with the longest row of int8.
 */
export function roundingOf(opened: OpenedIndex, logit: number): number {
  const { header, conditions, plan, floats } = opened;
  const inScores = Math.abs(logit) * SCORE_ROUNDING;
  const place = header.tensors["dispersion.means"];
  if (header.facts.rows !== "i8" || place === undefined) return finite(inScores);
  const largestSquare = floats[(plan.file + place.begin) / 4 + 2] as number;
  const step = read(opened, structs.SEARCH_QUERY_STEP);
  return finite(inScores) + step * Math.sqrt(largestSquare / 12) * conditions.inverseTemperature;
}

/** Returns 0 for the largest score of an empty head, −∞. */
const finite = (value: number): number => (value < Number.POSITIVE_INFINITY ? value : 0);
