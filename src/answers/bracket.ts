import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { weighed, weighedExactly } from "../memory/weighed.ts";
import { headHoldsAllowed } from "./allowed-head.ts";
import { logMassOfChanged, slackOfChanged } from "./changed-classes.ts";
import { type Effort, estimate, estimateExactly, exactAnswer, type Scored } from "./estimate.ts";
import { scanWithRemainder } from "./full-scan.ts";
import { logOfSum } from "./log-of-sum.ts";
import { isCheap } from "./next-effort.ts";
import { logMassOfOutliers } from "./outliers.ts";

/** log Z is certainly in [lower, upper]. */
export interface Bracket {
  readonly lower: number;
  readonly upper: number;
}

/**
 * More than f32 can change in the log of a sum of exponentials, in units of 2^-24: an f32 lane of 256 values takes 257,
 * the exponential 2, and its argument 14, as the mean distance from the largest of n logits is at most log n. Sums over a
 * head and over buckets have lanes of 66, and take at most 155 more for arguments and logarithms of up to 2^31 weights, and
 * under a filter 42 for portions: 5 for each, 11 for their sum, 2 for the sum of all, 24 for its logarithm.
 * Errors that grow with the logits are in slack and scoreSlack (assembly/exact/bounds.ts).
 */
const ROUNDING = 288 * 2 ** -24;

/** A relative error of log Z that is larger than f64 can cause. */
const ROUNDING_F64 = 2 ** -49;

/** A bracket that is narrower than this many times the slack of its scores is made again with less. */
const SLACKS = 8;

/** The factor by which the head grows while the bracket is too wide. */
const GROWTH = 4;
/**
 * The most by which that is hoped to narrow a bracket: one of more than WIDE, and one of less. On output layers of 10,000 to
 * 1,000,000 classes, the former become 1.1 to 3 times as narrow, the latter 2 to 30 times.
 */
const [WIDE, NARROWING_WIDE, NARROWING] = [2, 2, 30];

/** Widens a bracket by the rounding of sums. −∞ stays, as it stands for no class at all. */
function outwards({ lower, upper }: Bracket): Bracket {
  if (upper === Number.NEGATIVE_INFINITY) return { lower, upper };
  return {
    lower: lower - ROUNDING - ROUNDING_F64 * Math.abs(lower),
    upper: upper + ROUNDING + ROUNDING_F64 * Math.abs(upper),
  };
}

/** The log mass of classes that were scored, and the largest error of a score over T. */
interface ScoredMass {
  readonly logMass: number;
  readonly slack: number;
}

/** Returns a bracket with the mass of classes that were scored added to it. */
const withScored = (opened: OpenedIndex, { lower, upper }: Bracket, { logMass, slack }: ScoredMass): Bracket => ({
  lower: logOfSum(opened, logMass - slack, lower),
  upper: logOfSum(opened, logMass + slack, upper),
});

/** Returns a bracket with the mass of the classes with changed logits added. `slack` is the error of other scores. */
const withChanged = (opened: OpenedIndex, bounds: Bracket, slack: number, logMass: () => number): Bracket =>
  opened.conditions.changedCount === 0
    ? bounds
    : withScored(opened, bounds, { logMass: logMass(), slack: slackOfChanged(opened, slack) });

/** Returns the largest error of a score over T, changed or not, where `slack` is that of scores that are not changed. */
const slackOfAll = (opened: OpenedIndex, slack: number): number =>
  opened.conditions.changedCount === 0 ? slack : slackOfChanged(opened, slack);

/**
 * Returns a function that adds classes with exact scores to the bounds of the mass of all buckets outside the head. The
 * query's bounds must be prepared (prepareBounds).
 */
function boundsWith(opened: OpenedIndex): (scored: ScoredMass) => Bracket {
  const { plan } = opened;
  const kernels = weighedExactly(opened); // weights that are upper bounds give no lower bound
  const slope = read(opened, structs.SEARCH_SLOPE);
  const slackOfTail = read(opened, structs.SEARCH_SLACK);
  const low = kernels.tailBound(plan.layout, -slope) - slackOfTail;
  const high = kernels.tailBound(plan.layout, slope) + slackOfTail;
  return (scored) => withScored(opened, { lower: low, upper: high }, scored);
}

/** Brackets log Z between the exact mass of the head by fine codes and bounds of the masses of all buckets. */
function bracketByCodes(opened: OpenedIndex): Bracket {
  const { plan, kernels } = opened;
  const shift = read(opened, structs.SEARCH_HEAD_MAX) * opened.conditions.inverseTemperature;
  const logHead = shift + kernels.log64(read(opened, structs.SEARCH_HEAD_SUM));
  kernels.subScores(plan.layout);
  kernels.prepareBounds(plan.layout);
  const slack = read(opened, structs.SEARCH_SCORE_SLACK);
  const bounds = boundsWith(opened)({ logMass: logMassOfOutliers(opened), slack });
  const { lower, upper } = withChanged(opened, bounds, slack, () => logMassOfChanged(opened));
  return outwards({ lower: Math.max(lower, logHead - slackOfAll(opened, slack)), upper });
}

/**
 * Brackets log Z by the exact mass of the head that the last search left and bounds of the mass of the tail
 * (docs/method.md, 5). Where the tail is so small that the scores' own slack shows, int8 rows are scored for all of the
 * query.
 */
function bracket(opened: OpenedIndex): Bracket {
  const { plan, kernels } = opened;
  kernels.prepareBounds(plan.layout);
  const boundsOf = boundsWith(opened);
  // Classes that entered the head by their codes are in the bounds of their buckets.
  const slack = read(opened, structs.SEARCH_SCORE_SLACK);
  const bounds = boundsOf({ logMass: read(opened, structs.SEARCH_LOG_HEAD), slack });
  const isNarrow = bounds.upper - bounds.lower < SLACKS * slack;
  if (opened.header.facts.rows !== "i8" || !isNarrow) {
    return outwards(withChanged(opened, bounds, slack, () => logMassOfChanged(opened)));
  }
  const less = kernels.prepareRemainder(plan.layout);
  const closer = boundsOf({ logMass: kernels.headWithRemainder(plan.layout), slack: less });
  return outwards(withChanged(opened, closer, less, () => kernels.changedWithRemainder(plan.layout)));
}

/**
 * Estimates log Z with its bracket. With a tolerance the head grows while that may make the bracket meet it, and then all rows
 * are scored.
 */
export function estimateWithin(opened: OpenedIndex, effort: Effort, tolerance: number): Scored & Bracket {
  const { plan, header } = opened;
  const reach = Math.min(plan.maxScan, header.facts.itemCount / 2);
  if (headHoldsAllowed(opened, effort.scan)) return exactWithBracket(opened, effort.draws);
  weighedExactly(opened); // weighing uses a table that a head leaves, so it comes first
  weighed(opened);
  let scored = 0;
  for (let scan = effort.scan; ; ) {
    const estimated = estimate(opened, 0, { ...effort, scan });
    const bounds = effort.proposal === "codes" ? bracketByCodes(opened) : bracket(opened);
    scored += estimated.scored;
    const width = bounds.upper - bounds.lower;
    if (width <= tolerance) return { ...within(opened, estimated, bounds), scored };
    scan = Math.max(1, scan * GROWTH);
    if (effort.proposal === "codes" || scan > reach) break;
    if (!isCheap(opened, { ...effort, scan }) && !mayMeet(tolerance, width, scan, reach)) break;
  }
  const exactly = exactWithBracket(opened, effort.draws);
  return { ...exactly, scored: scored + exactly.scored };
}

/** Returns whether heads from `scan` rows on, up to `reach`, may narrow a bracket of this width to the tolerance. */
function mayMeet(tolerance: number, width: number, scan: number, reach: number): boolean {
  let hoped = width;
  for (let grown = scan; grown <= reach; grown *= GROWTH) hoped /= hoped > WIDE ? NARROWING_WIDE : NARROWING;
  return hoped <= tolerance;
}

/**
 * Moves an estimate outside of its bracket into it, and marks its draws as not to be trusted if they put it further out
 * than the rounding of scores does.
 */
function within(opened: OpenedIndex, estimated: Scored, bounds: Bracket): Scored & Bracket {
  const logPartition = Math.min(Math.max(estimated.logPartition, bounds.lower), bounds.upper);
  const isOff =
    Math.abs(logPartition - estimated.logPartition) > slackOfAll(opened, read(opened, structs.SEARCH_SCORE_SLACK));
  return { ...estimated, ...bounds, logPartition, lowEss: estimated.lowEss || isOff };
}

/**
 * Computes log Z from all rows by their scores, as predict does, with a bracket. With int8 rows the bracket is made of scores
 * for the whole query, and reaches to the log Z of the query in fixed point.
 */
export function exactWithBracket(opened: OpenedIndex, draws: number): Scored & Bracket {
  const { kernels, plan } = opened;
  kernels.prepareBounds(plan.layout);
  if (opened.header.facts.rows !== "i8") {
    const exactly = estimateExactly(opened, 0, draws);
    const slack = slackOfAll(opened, read(opened, structs.SEARCH_SCORE_SLACK));
    return { ...exactly, ...around(exactly.logPartition, slack) };
  }
  const slack = kernels.prepareRemainder(plan.layout);
  const { logPartition, wholeLogPartition, scored } = scanWithRemainder(opened);
  const { lower, upper } = around(wholeLogPartition, slackOfAll(opened, slack));
  return {
    ...exactAnswer(opened, logPartition, draws),
    scored,
    lower: Math.min(lower, logPartition),
    upper: Math.max(upper, logPartition),
  };
}

/** Returns the bracket of a sum of all scores, each of which can be off by `slack`. */
const around = (logPartition: number, slack: number): Bracket =>
  outwards({ lower: logPartition - slack, upper: logPartition + slack });
