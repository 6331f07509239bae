import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import type { Estimated } from "./answers.ts";
import { expectedBar, foreseenBar } from "./by-buckets.ts";
import { answerFromAll, atDefaultOf, choiceOf, drawsMade, type EstimateBy } from "./chosen-effort.ts";
import type { Effort, Scored } from "./estimate.ts";
import { cheapestEffort, costOf, costOfAll, GROWTH, type HeadAndDraws, reachOf } from "./next-effort.ts";
import { sizeOfHead } from "./thinning.ts";

// A default answer that is flagged is of no use. So a second one is made if it is expected to be trusted and costs at most a few
// times as much, whatever the number of classes. It is the answer that a call with the same seed and the effort of `choice` gets.

/** A second try costs at most this many times the first one. */
export const MOST_TIMES = 3;
/** If more draws cost at most this many times the first try, no larger head is looked at, which takes as long as a search. */
const TIMES_OF_DRAWS = 2;
/**
 * The bars that a second try is to have: the first, or if nothing affordable is expected to reach it, the second. An answer is
 * flagged above .1. Of 35 output layers of 1,700 to 98,706 classes, 18 of the 23 peaked ones then have at most 7 % flagged
 * answers at every temperature from .3 to 2, and 9 of 23 without second tries.
 */
const [WANTED_BAR, LEAST_BAR] = [0.07, 0.13];

/** The ways to make an answer. */
interface Ways<T extends Scored> {
  readonly estimateBy: EstimateBy<T>;
  /** Makes the answer of other draws from the tail in place. Undefined where an answer does not leave its search in place. */
  readonly redrawBy?: RedrawBy<T> | undefined;
}

export type RedrawBy<T extends Scored> = (effort: Effort) => T;

/** The effort of a second try. */
interface SecondEffort extends HeadAndDraws {
  /** The head of the first try stays in place, and only draws are added. */
  readonly keepsHead: boolean;
}

/**
 * Returns the answer `first`, which was made by `effort` and is in place, or a second one if the first is flagged. It adds up
 * the rows read.
 */
export function tryAgain<T extends Scored>(
  opened: OpenedIndex,
  first: T,
  effort: Effort,
  { estimateBy, redrawBy }: Ways<T>,
): T & Pick<Estimated, "choice"> {
  if (!first.lowEss || !opened.errorBars.hasDispersions || effort.draws < 2) return first;
  if (opened.batches?.placeQuery()) estimateBy(effort, false);
  const made = drawsMade(opened, effort.draws);
  const atDefault = atDefaultOf(opened, made);
  const search = opened.search.slice();
  const second = secondEffort(opened, { scan: effort.scan, draws: made }, first.standardError);
  if (second === undefined) {
    opened.search.set(search); // the caller reads it
    return first;
  }
  if (second === "all") return withRows(first.scored, answerFromAll(opened, effort, estimateBy, atDefault));
  // Where a bitmap thins out, more draws are made than are asked for.
  const again = { ...effort, scan: second.scan, draws: Math.ceil((second.draws * effort.draws) / made) };
  const drawBy = second.keepsHead ? redrawBy : undefined;
  const rowsBefore = first.scored - (drawBy ? read(opened, structs.SEARCH_SCORED) : 0);
  const answer = drawBy ? drawBy({ ...again, draws: second.draws }) : estimateBy(again, false);
  return withRows(rowsBefore, { ...answer, choice: choiceOf(opened, again, atDefault) });
}

const withRows = <T extends Scored>(before: number, answer: T): T => ({ ...answer, scored: before + answer.scored });

/** Returns the effort of a second try after the one in place. Undefined if none is worth it. */
function secondEffort(
  opened: OpenedIndex,
  made: HeadAndDraws,
  standardError: number,
): SecondEffort | "all" | undefined {
  const cost = costOf(opened, made);
  const worth = MOST_TIMES * cost;
  if (costOfAll(opened) <= worth) return "all";
  const bar = Number.isFinite(standardError) ? standardError : foreseenBar(opened, made.draws);
  const wanted = { targetError: WANTED_BAR, worth };
  const byDraws = cheapestEffort(opened, made, { bar, leastBar: bar }, { ...wanted, worth: TIMES_OF_DRAWS * cost });
  if (byDraws) return { ...byDraws, keepsHead: true };
  const reach = reachOf(opened, made.draws, worth);
  const largest = { scan: sizeOfHead(opened, reach), draws: made.draws };
  const bars = { bar, leastBar: reach >= GROWTH * made.scan ? expectedBar(opened, largest) : bar };
  const byHead =
    cheapestEffort(opened, made, bars, wanted) ??
    cheapestEffort(opened, made, bars, { ...wanted, targetError: LEAST_BAR });
  return byHead && { ...byHead, keepsHead: false };
}
