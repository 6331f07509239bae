import { mayPointAtRows, type QueryLikeness } from "../format/calibration-values.ts";
import type { IndexFacts } from "../format/facts.ts";
import { rowBytes } from "../format/tensors.ts";
import type { HeadAndDraws } from "../memory/head-and-draws.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { LEAST_ERROR } from "./dispersion-bars.ts";
import { DEFAULT_DRAWS, LARGEST_HEAD } from "./options.ts";

// Costs of estimates, and the cheapest one that is expected to meet a target. The bar falls with the square root of the
// number of draws, and with a power of the head.

// A unit of cost is 12 ns. It is the cost of a row of 64 int8 values in a head: 7 ns to be selected and 7 ns to be scored.

/** The cost of a draw: 110 ns. */
const DRAW_COST = 9;
/** The cost of each byte beyond so many of the row of a draw, which no row before it brings into the cache: 130 ps. */
const DRAWN_BYTE_COST = 0.011;
const LONG_ROW = 128;
/** The cost of choosing a class of a head, without scoring its row. */
const CHOICE_COST = 0.55;
/** The cost of the k best, log Q's bucket and the answer of a try, whatever its size: 12 µs. */
const TRY_COST = 1000;
/** The cost of reading the codes of 3,072 rows and scoring the best of them: 11 to 23 µs. */
const CODES_COST = 1500;
/** The cost of masses and of the choice of a head, for each bucket: 0.7 to 2.5 ns. */
const BUCKET_COST = 0.15;
/** The cost of a row: 3 ns, and 50 ps a byte. Measured with int8 rows of 32 to 100 values. */
const ROW_COST = 0.25;
const BYTE_COST = 0.0042;

/** A bar that is foreseen has to be below the target by this factor, as bars of other draws differ. */
const MARGIN = 1.1;

/** The least factor by which the head or the number of draws grows. */
export const GROWTH = 2;

/** An effort that may miss has to cost less than this part of all rows, by the share of answers that are known to be trusted. */
const LEAST_WORTH = 0.5;
const MOST_WORTH = 0.8;

/**
 * The target that answers of the default effort meet as often as those of the calibration were trusted. They meet others in
 * proportion: on four output layers of 10,000 to 43,000 classes .1 to .4 of them meet .01, .2 to .7 meet .02, and .5 to 1 meet
 * .05. The queries of the calibration are more diffuse than most.
 */
const MET_AS_TRUSTED = 0.014;
/**
 * No target is met by more than this many times the share that was trusted. At T = 1, layers whose share is .08, .13 and .28 meet .1
 * in .39, .26 and .68 of the answers, and layers with .33 or more in nearly all of them.
 */
const MOST_OF_TRUSTED = 2.5;

/** The facts about an index that costs depend on. */
export type CostFacts = Pick<IndexFacts, "dim" | "rows" | "itemCount" | "bucketCount" | "hasFineCodes">;

const rowCost = (facts: CostFacts): number => ROW_COST + BYTE_COST * rowBytes(facts);
const drawCost = (facts: CostFacts): number => DRAW_COST + DRAWN_BYTE_COST * Math.max(rowBytes(facts) - LONG_ROW, 0);

function estimateCost(facts: CostFacts, { scan, draws }: HeadAndDraws): number {
  const fixed = TRY_COST + BUCKET_COST * facts.bucketCount + (facts.hasFineCodes ? CODES_COST : 0);
  return fixed + (CHOICE_COST + rowCost(facts)) * scan + drawCost(facts) * draws;
}

/** Returns the cost of an estimate, in units of 12 ns. */
export const costOf = ({ header }: OpenedIndex, effort: HeadAndDraws): number => estimateCost(header.facts, effort);

/** Returns the cost of scoring all classes that are not filtered out. */
export const costOfAll = ({ header, conditions }: OpenedIndex): number =>
  rowCost(header.facts) * conditions.allowedCount;

/** A second try costs at most this many times the first one. */
export const MOST_TIMES = 3;
/**
 * Up to this part of the cost of an estimate, the rows of all classes take no longer, as that of a try is in both. Predictions from
 * 500 to 2,500 classes of 64 values then take .4 to .9 of the time, and from 3,500 .8 to 1.15.
 */
const NO_LONGER = 0.6;

/** Returns how many times the cost of an estimate the rows of all classes cost. */
export const timesOfAll = (facts: CostFacts, effort: HeadAndDraws): number =>
  (rowCost(facts) * facts.itemCount) / estimateCost(facts, effort);

/**
 * Returns true if an answer whose effort nobody named reads all rows at once: where they cost no more than the first estimate. Where
 * the calibration has found that queries may point at single rows, it does wherever it would for a second try: an estimate may miss
 * a class with much of Z there, and nothing in it shows that. Fewer draws than by default miss no fewer, so they do not count as
 * a lower cost there.
 */
export const readsAllAtOnce = (facts: CostFacts, { scan, draws }: HeadAndDraws, likeness: QueryLikeness): boolean =>
  mayPointAtRows(likeness)
    ? timesOfAll(facts, { scan, draws: Math.max(draws, DEFAULT_DRAWS) }) <= MOST_TIMES
    : timesOfAll(facts, { scan, draws }) <= NO_LONGER;

/** A step towards an answer that takes less than this part of all rows is taken, whatever its prospects. */
const CHEAP = 1 / 8;

/** Returns whether an effort takes so little of the time of all rows that it is worth a try. */
export const isCheap = (opened: OpenedIndex, effort: HeadAndDraws): boolean =>
  costOf(opened, effort) < CHEAP * costOfAll(opened);

/**
 * Returns true if a first effort is not worth its cost: too few of such efforts are known to meet the target, and the others
 * would cost it and all rows.
 */
export function isVain(opened: OpenedIndex, first: HeadAndDraws, targetError: number): boolean {
  const times = Math.min(targetError / MET_AS_TRUSTED, MOST_OF_TRUSTED);
  const share = Math.min(1, (1 - opened.errorBars.flagged) * times);
  return costOf(opened, first) >= share * costOfAll(opened);
}

/**
 * Returns the most that an effort of `scan: "auto"` may cost, which may miss the target: the fewer answers are known to be trusted,
 * the more of them miss.
 */
export const worthOf = (opened: OpenedIndex): number =>
  Math.min(Math.max(1 - opened.errorBars.flagged, LEAST_WORTH), MOST_WORTH) * costOfAll(opened);

/** Returns the largest head that costs less than `worth` with `draws` draws. It may be 0. */
export function reachOf(opened: OpenedIndex, draws: number, worth: number): number {
  const { plan, conditions } = opened;
  const left = worth - costOf(opened, { scan: 0, draws });
  const affordable = Math.floor(left / (CHOICE_COST + rowCost(opened.header.facts)));
  return Math.max(0, Math.min(plan.maxScan, Math.floor(conditions.allowedCount * LARGEST_HEAD), affordable));
}

/** The known error bars of an index for a query. */
export interface KnownBars {
  /** The bar of an effort that missed the target. Infinity if it has none. */
  readonly bar: number;
  /** The bar to expect of the largest head within reach, with as many draws. */
  readonly leastBar: number;
}

/**
 * No larger head is looked at if the bar is above the target by this factor. Of such answers of word vectors at T = .3 to 1, a larger
 * head met the target in 2 % without fine codes and in a fifth with them, of those of other layers in 1 % at most; a look takes up to
 * a fifth of the time of all rows.
 */
const BEYOND_REACH = 10_000;

/** Returns whether no head within reach is likely to bring a bar to a target. */
export const isBeyondReach = (bar: number, targetError: number): boolean => bar > BEYOND_REACH * targetError;

/** The aim of an effort. */
export interface EffortAim {
  /** The bar that it is to have. */
  readonly targetError: number;
  /** It has to cost less than this. */
  readonly worth: number;
}

/**
 * Returns the cheapest effort that is expected to meet `targetError`, with a larger head or at least twice the draws of one
 * that missed it. Undefined if none costs less than `worth`.
 */
export function cheapestEffort(
  opened: OpenedIndex,
  at: HeadAndDraws,
  { bar, leastBar }: KnownBars,
  { targetError, worth }: EffortAim,
): HeadAndDraws | undefined {
  const { plan, kernels } = opened;
  const reach = reachOf(opened, at.draws, worth);
  const lowest = Math.max(Math.min(leastBar, bar), LEAST_ERROR);
  const decades = reach >= GROWTH * at.scan ? kernels.log64(reach / at.scan) : 0;
  let best: HeadAndDraws | undefined;
  let leastCost = worth;
  for (let scan = at.scan; ; scan = Math.min(GROWTH * scan, reach)) {
    const share = decades > 0 ? kernels.log64(scan / at.scan) / decades : 0;
    const expected = barAt(opened, bar, lowest, share);
    const least = scan === at.scan ? GROWTH * at.draws : at.draws;
    const effort = { scan, draws: drawsFor(at.draws, least, expected, targetError) };
    if (effort.draws <= plan.maxDraws && costOf(opened, effort) < leastCost) {
      best = effort;
      leastCost = costOf(opened, effort);
    }
    if (decades === 0 || scan >= reach) return best;
  }
}

/** If more draws cost at most this many times what was made, no larger head is looked at, which takes as long as a search. */
const TIMES_OF_DRAWS = 2;

/** Returns more draws from the same head, at least twice as many, if they are expected to be enough and cost little. */
export function moreDraws(
  opened: OpenedIndex,
  { scan, draws }: HeadAndDraws,
  bar: number,
  { targetError, worth }: EffortAim,
): HeadAndDraws | undefined {
  const effort = { scan, draws: drawsFor(draws, GROWTH * draws, bar, targetError) };
  const most = Math.min(worth, TIMES_OF_DRAWS * costOf(opened, { scan, draws }));
  return effort.draws <= opened.plan.maxDraws && costOf(opened, effort) < most ? effort : undefined;
}

/** Returns the number of draws, at least `least`, that should bring the bar of `draws` draws to `targetError`. */
function drawsFor(draws: number, least: number, bar: number, targetError: number): number {
  const ratio = Math.max((MARGIN * bar) / targetError, 1);
  return Math.ceil(Math.max(least, draws * ratio * ratio));
}

/** Returns the bar of a head between two, from `bar` for a `share` of 0 to `least` for 1. */
function barAt({ kernels: { exp64, log64 } }: OpenedIndex, bar: number, least: number, share: number): number {
  if (share === 0) return bar;
  if (share === 1) return least;
  return Number.isFinite(bar) ? bar * exp64(share * log64(least / bar)) : bar;
}

/** The largest factor by which draws are multiplied before any is made. */
const MOST_AHEAD = 4;

/**
 * Returns the number of draws from a head in place that should give a bar of `aim`: at least `draws`, which give the bar
 * `expected`. 0 if this would take too many: a larger head may do better, or all rows.
 */
export function drawsAhead(opened: OpenedIndex, draws: number, expected: number, aim: number): number {
  const ratio = (MARGIN * expected) / aim;
  if (!(ratio > 1)) return draws;
  const wanted = Math.ceil(draws * ratio * ratio);
  const isWorth = drawCost(opened.header.facts) * wanted < worthOf(opened); // the head is there already
  return isWorth && wanted <= Math.min(MOST_AHEAD * draws, opened.plan.maxDraws) ? wanted : 0;
}

/**
 * Returns the most draws that an answer of `scan: "auto"` with `draws` draws makes: MOST_AHEAD times these, or times the
 * number that takes as long as all rows. No row has more than four bytes a value.
 */
export const mostDraws = (itemCount: number, dim: number, draws: number, maxDraws: number): number => {
  const byCost = Math.floor(((ROW_COST + BYTE_COST * (4 * dim + 16)) * itemCount) / DRAW_COST);
  return Math.min(maxDraws, MOST_AHEAD * Math.max(draws, byCost));
};
