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

/** Rows of int8 with their residuals, by position, and a query in fixed point. */
interface Refinement {
  readonly dim: number;
  /** The number of values that a row takes, which is `dim` rounded up. */
  readonly width: number;
  readonly residuals: Int8Array;
  readonly rowScales: Float32Array;
  readonly fixedQuery: Int16Array;
  readonly queryStep: number;
}

/** Returns the scores of rows with what residuals add to them. */
export function refineScores(of: Refinement, positions: Int32Array, scores: Float32Array): Float32Array {
  const { dim, width, residuals, rowScales, fixedQuery, queryStep } = of;
  return scores.map((score, i) => {
    const position = positions[i] as number;
    let dot = 0;
    for (let d = 0; d < dim; d++) dot += (fixedQuery[d] as number) * (residuals[position * width + d] as number);
    const unit = Math.fround(
      Math.fround((rowScales[position] as number) * Math.fround(queryStep)) * Math.fround(1 / 254),
    );
    return score + Math.fround(Math.fround(dot) * unit);
  });
}
