import type { PreparedQuery } from "./query.ts";

const GROW = 1 + 2 ** -18;

/** Returns the most that residuals of at most this norm, in units of a code, add to a score for a row scale of 1. */
export function refineTop(
  { fixedQuery, queryStep }: Pick<PreparedQuery, "fixedQuery" | "queryStep">,
  residualBound: number,
): number {
  let square = 0;
  for (const value of fixedQuery) square += value * value;
  return Math.sqrt(square) * residualBound * queryStep * GROW;
}
