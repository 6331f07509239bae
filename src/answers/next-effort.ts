import type { OpenedIndex } from "../memory/opened-index.ts";
import { LEAST_ERROR } from "./dispersion-bars.ts";
import { LARGEST_HEAD } from "./options.ts";

// Costs of estimates, and the cheapest one that is expected to meet a target. The bar falls with the square root of the
// number of draws, and with a power of the head.

/** The size of a head and the number of draws from its tail. */
export interface HeadAndDraws {
  readonly scan: number;
  readonly draws: number;
}

/** The cost of a draw, and of a row among all in order, in rows of a head: 110 ns and 6 ns against 12 ns at 64 values. */
const DRAW_COST = 9;
const ROW_COST = 0.5;

/** A bar that is foreseen has to be below the target by this factor, as bars of other draws differ. */
const MARGIN = 1.1;

/** The least factor by which the head or the number of draws grows. */
const GROWTH = 2;

/** The cost of masses and of the choice of a head, for each bucket: 0.7 ns. */
const BUCKET_COST = 0.06;

const costOf = ({ header }: OpenedIndex, { scan, draws }: HeadAndDraws): number =>
  scan + DRAW_COST * draws + BUCKET_COST * header.facts.bucketCount;

/** Returns the largest head that takes less time than all rows. */
export const reachOf = ({ plan, conditions }: OpenedIndex): number =>
  Math.min(plan.maxScan, Math.floor(conditions.allowedCount * LARGEST_HEAD));

/** What is known about the bars of an index for a query. */
export interface KnownBars {
  /** The bar of an effort that missed the target. Infinity if it has none. */
  readonly bar: number;
  /** The bar that the largest head within reach leads one to expect from as many draws. */
  readonly leastBar: number;
}

/**
 * Returns the cheapest effort that is expected to meet `targetError`, with a larger head or at least twice the draws of one
 * that missed it. Undefined if a scan of all rows costs less than any.
 */
export function cheapestEffort(
  opened: OpenedIndex,
  at: HeadAndDraws,
  { bar, leastBar }: KnownBars,
  targetError: number,
): HeadAndDraws | undefined {
  const { plan, conditions, kernels } = opened;
  const reach = reachOf(opened);
  const least = Math.max(Math.min(leastBar, bar), LEAST_ERROR);
  const decades = kernels.log64(reach / at.scan);
  let best: HeadAndDraws | undefined;
  let leastCost = ROW_COST * conditions.allowedCount;
  for (let scan = at.scan; ; scan = Math.min(GROWTH * scan, reach)) {
    const share = decades > 0 ? kernels.log64(scan / at.scan) / decades : 0;
    const expected = barAt(opened, bar, least, share);
    const ratio = MARGIN * expected <= targetError ? 1 : (MARGIN * expected) / targetError;
    const grown = scan === at.scan ? GROWTH * at.draws : at.draws;
    const effort = { scan, draws: Math.ceil(Math.max(grown, at.draws * ratio * ratio)) };
    if (effort.draws <= plan.maxDraws && costOf(opened, effort) < leastCost) {
      best = effort;
      leastCost = costOf(opened, effort);
    }
    if (scan >= reach) return best;
  }
}

/** Returns the bar of a head between two: `share` 0 is that of `bar`, 1 that of `least`. */
function barAt({ kernels: { exp64, log64 } }: OpenedIndex, bar: number, least: number, share: number): number {
  if (share === 0) return bar;
  if (share === 1) return least;
  return Number.isFinite(bar) ? bar * exp64(share * log64(least / bar)) : bar;
}

/** The most times that draws are multiplied before any is made. */
const MOST_AHEAD = 4;

/**
 * Returns how many draws should give a bar of `aim`, at least `draws`, where `expected` is the one that so many lead one to
 * expect. If too many were needed, a larger head may do better, and it is `draws`.
 */
export function drawsAhead({ plan }: OpenedIndex, draws: number, expected: number, aim: number): number {
  const ratio = (MARGIN * expected) / aim;
  const wanted = Math.ceil(draws * ratio * ratio);
  return ratio > 1 && wanted <= Math.min(MOST_AHEAD * draws, plan.maxDraws) ? wanted : draws;
}

/**
 * Returns the most draws that an answer of `scan: "auto"` with `draws` draws makes: those that take less time than all rows,
 * or as many as are multiplied ahead.
 */
export const mostDraws = (itemCount: number, draws: number, maxDraws: number): number =>
  Math.min(maxDraws, MOST_AHEAD * Math.max(draws, Math.floor((ROW_COST * itemCount) / DRAW_COST)));
