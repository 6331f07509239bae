import { UNMEASURED } from "../format/calibration-values.ts";
import type { HeadAndDraws } from "../memory/head-and-draws.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { Estimated } from "./answers.ts";
import { barAtLimit } from "./by-buckets.ts";
import {
  type AtDefault,
  answerFromAll,
  answerWithHead,
  atDefaultOf,
  barInPlace,
  barsOfHeads,
  choiceOf,
  drawsMade,
  type Ways,
} from "./chosen-effort.ts";
import type { Effort, Scored } from "./estimate.ts";
import { cheapestEffort, costOf, costOfAll, isBeyondReach, MOST_TIMES, moreDraws } from "./next-effort.ts";

// A default answer that is flagged is of no use. So a second one is made if it is expected to be trusted and costs at most a few
// times as much, whatever the number of classes. If nothing of that cost helps, all rows are read. The answer is the one that a
// call with the same seed and the effort of `choice` gets.

/**
 * The bars that a second try is to have: the first, or if nothing affordable is expected to reach it, the second. An answer is
 * flagged above .1. Of 80 cells of ten peaked output layers, built plainly and asked at T from .3 to 2, none then has more than 1 %
 * flagged answers; without second tries, 16 have more than 7 % (npm run bench:trust).
 */
const WANTED_BAR = 0.07;
const LEAST_BAR = 0.13;

/** A first try looks at its tail before it draws if more than this share of the answers of the calibration was flagged. */
const LOOKS_FROM = 0.5;

/**
 * Returns true if a first try makes no draws where they would surely be flagged: if many are, or queries may point at single rows.
 * With fewer than two draws there is no second try.
 */
export const looksFirst = ({ errorBars: { flagged, spreadLimit } }: OpenedIndex, draws: number): boolean =>
  draws >= 2 && (flagged > LOOKS_FROM || spreadLimit < UNMEASURED.spreadLimit);

/** The effort of a second try. */
interface SecondEffort extends HeadAndDraws {
  /** The head of the first try stays in place, and only draws are added. */
  readonly keepsHead: boolean;
}

/** A first try that is flagged and in place. */
interface FirstTry<T> {
  readonly answer: T;
  /** The effort that it was asked for. */
  readonly effort: Effort;
  /** The effort that it made: a bitmap that thins out takes more draws. */
  readonly made: HeadAndDraws;
  readonly atDefault: AtDefault;
}

/**
 * Returns the answer `first`, which was made by `effort` and is in place, or another one if the first is flagged. It adds up the
 * rows read.
 */
export function tryAgain<T extends Scored>(
  opened: OpenedIndex,
  first: T,
  effort: Effort,
  ways: Ways<T>,
): T & Pick<Estimated, "choice"> {
  if (!first.lowEss || !opened.errorBars.hasDispersions || effort.draws < 2) return first;
  if (opened.batches?.placeQuery()) ways.estimateBy(effort, false);
  const made = { scan: effort.scan, draws: drawsMade(opened, effort.draws) };
  const atDefault = atDefaultOf(opened, made.draws);
  const timesOfAll = costOfAll(opened) / costOf(opened, made);
  const second =
    timesOfAll > MOST_TIMES ? secondAnswer(opened, { answer: first, effort, made, atDefault }, ways) : undefined;
  if (second && !second.lowEss) return second;
  const { scored } = second ?? first;
  return withRows(scored, answerFromAll(opened, effort, ways.estimateBy, atDefault));
}

/** Returns the answer of more draws or of a larger head. Undefined if neither is worth a try. */
function secondAnswer<T extends Scored>(
  opened: OpenedIndex,
  { answer: first, effort, made, atDefault }: FirstTry<T>,
  ways: Ways<T>,
): (T & Pick<Estimated, "choice">) | undefined {
  const second = secondEffort(opened, made, first.standardError);
  const { proposal, seed } = effort;
  const again = second && {
    proposal,
    scan: second.scan,
    draws: Math.ceil((second.draws * effort.draws) / made.draws),
    seed,
  };
  if (again === undefined || !opened.conditions.applyAgain(opened, again)) return undefined;
  // A pilot before the draws tells how many more, so the head is made again there.
  const keepsHead = second?.keepsHead && opened.conditions.thinnedShare === undefined;
  const answer = keepsHead ? answerWithHead(opened, ways, again) : ways.estimateBy(again, false);
  return withRows(first.scored, { ...answer, choice: choiceOf(opened, again, atDefault) });
}

const withRows = <T extends Scored>(before: number, answer: T): T => ({ ...answer, scored: before + answer.scored });

/** Returns the effort of a second try after the one in place. Undefined if none is worth it. */
function secondEffort(opened: OpenedIndex, made: HeadAndDraws, standardError: number): SecondEffort | undefined {
  const worth = MOST_TIMES * costOf(opened, made);
  const bar = barInPlace(opened, standardError, made.draws);
  if (bar === Number.POSITIVE_INFINITY) return undefined; // the tail is beyond what was calibrated
  const most = barAtLimit(opened);
  const wanted = { targetError: Math.min(WANTED_BAR, most), worth };
  const byDraws = moreDraws(opened, made, bar, wanted);
  if (byDraws) return { ...byDraws, keepsHead: true };
  if (isBeyondReach(bar, WANTED_BAR)) return undefined;
  const bars = barsOfHeads(opened, made, bar, worth);
  const byHead =
    cheapestEffort(opened, made, bars, wanted) ??
    cheapestEffort(opened, made, bars, { ...wanted, targetError: Math.min(LEAST_BAR, most) });
  return byHead && { ...byHead, keepsHead: false };
}
