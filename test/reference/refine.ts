import type { PreparedQuery } from "./query.ts";

const GROW = 1 + 2 ** -18;

/**
 * Returns the most that residuals, each of at most half a unit of a code, add to a score for a row scale of 1. A value of the
 * query in fixed point is at most half a step larger than the query's own.
 */
export function refineTop(prepared: Pick<PreparedQuery, "query" | "queryStep" | "querySquare">): number {
  const { query, queryStep, querySquare } = prepared;
  const half = 0.5 * Math.sqrt(query.length);
  return (Math.sqrt(querySquare) + half * queryStep) * half * GROW;
}
