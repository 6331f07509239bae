import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { type Effort, estimate, estimateExactly, type Scored } from "./estimate.ts";
import { logOfSum } from "./log-of-sum.ts";
import { logMassOfOutliers } from "./outliers.ts";

/** log Z is certainly in [lower, upper]. */
export interface Bracket {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The largest error of f32 rounding in the log of a sum, with room: 256 additions per lane and an exponential. 8e-6 was
 * the largest seen.
 */
const ROUNDING = 2 ** -16;

/** The factor by which the head grows while the bracket is too wide. */
const GROWTH = 4;

/** Brackets log Z between the exact mass of the head by fine codes and bounds of the masses of all buckets. */
function bracketByCodes(opened: OpenedIndex): Bracket {
  const { kernels, plan } = opened;
  const shift = read(opened, structs.SEARCH_HEAD_MAX) * opened.conditions.inverseTemperature;
  const logHead = shift + kernels.log64(read(opened, structs.SEARCH_HEAD_SUM));
  kernels.subScores(plan.layout);
  kernels.prepareBounds(plan.layout);
  const slope = read(opened, structs.SEARCH_SLOPE);
  const slack = read(opened, structs.SEARCH_SLACK);
  const logOutliers = logMassOfOutliers(opened);
  const all = (logBuckets: number): number => logOfSum(opened, logOutliers, logBuckets);
  return {
    lower: Math.max(logHead, all(kernels.tailBound(plan.layout, -slope) - slack)) - ROUNDING,
    upper: all(kernels.tailBound(plan.layout, slope) + slack) + ROUNDING,
  };
}

/**
 * Brackets log Z by the exact mass of the head that the last search left and bounds of the mass of the tail
 * (docs/method.md, 5).
 */
function bracket(opened: OpenedIndex): Bracket {
  const { kernels, plan } = opened;
  kernels.prepareBounds(plan.layout);
  const slope = read(opened, structs.SEARCH_SLOPE);
  const slack = read(opened, structs.SEARCH_SLACK);
  // Classes that entered the head by their codes are in the bounds of their buckets.
  const logHead = read(opened, structs.SEARCH_LOG_HEAD);
  const withTail = (logTail: number): number => logOfSum(opened, logHead, logTail);
  return {
    lower: withTail(kernels.tailBound(plan.layout, -slope) - slack) - ROUNDING,
    upper: withTail(kernels.tailBound(plan.layout, slope) + slack) + ROUNDING,
  };
}

/**
 * Estimates log Z with its bracket. With a tolerance the head grows, at last to all rows, until the bracket meets it.
 */
export function estimateWithin(opened: OpenedIndex, effort: Effort, tolerance: number): Scored & Bracket {
  const { plan, header } = opened;
  let scored = 0;
  for (let scan = effort.scan; ; scan = Math.max(1, scan * GROWTH)) {
    const estimated = estimate(opened, 0, { ...effort, scan });
    const bounds = effort.proposal === "codes" ? bracketByCodes(opened) : bracket(opened);
    scored += estimated.scored;
    if (bounds.upper - bounds.lower <= tolerance) return { ...within(estimated, bounds), scored };
    if (effort.proposal === "codes" || scan * GROWTH > Math.min(plan.maxScan, header.facts.itemCount / 2)) break;
  }
  const exactly = exactWithBracket(opened, effort.draws);
  return { ...exactly, scored: scored + exactly.scored };
}

/** Moves an estimate outside of its bracket into it, and marks its draws as not to be trusted. */
function within(estimated: Scored, bounds: Bracket): Scored & Bracket {
  const logPartition = Math.min(Math.max(estimated.logPartition, bounds.lower), bounds.upper);
  return { ...estimated, ...bounds, logPartition, lowEss: estimated.lowEss || logPartition !== estimated.logPartition };
}

export function exactWithBracket(opened: OpenedIndex, draws: number): Scored & Bracket {
  const exactly = estimateExactly(opened, 0, draws);
  const { logPartition } = exactly;
  return { ...exactly, lower: logPartition - ROUNDING, upper: logPartition + ROUNDING };
}
