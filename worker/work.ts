import type { MultiIndex } from "../src/multi-index.ts";
import { Problem } from "./problem.ts";

/** Multiply-adds one request may ask for: about 50 ms at the 10 G a second of the dot kernels. */
export const DEFAULT_MAX_WORK = 500_000_000;

type Sizes = Pick<MultiIndex["info"], "itemCount" | "dim" | "codewordCount">;

/**
 * Multiply-adds of `count` queries, from above: look-up of both codebooks, one step per bucket that can be non-empty,
 * and the rows that are scored.
 */
export function workOf(sizes: Sizes, count: number, scan: number, draws: number): number {
  const { itemCount, dim, codewordCount } = sizes;
  const buckets = Math.min(codewordCount ** 2, itemCount);
  const rows = Math.min(scan, itemCount) + draws;
  return count * (2 * codewordCount * dim + buckets + rows * dim);
}

export function requireWork(work: number, maxWork: number): void {
  if (work <= maxWork) return;
  throw new Problem(
    "too_much_work",
    `the request needs ${work} multiply-adds, the limit is ${maxWork}: fewer vectors, a smaller "scan" or "draws"`,
  );
}
