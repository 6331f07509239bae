import * as structs from "../../build/structs.ts";
import type { HeadAndDraws } from "../memory/head-and-draws.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { headHoldsAllowed } from "./allowed-head.ts";
import type { ScanChoice } from "./answers.ts";
import { expectedBar, expectedError, foreseenBar } from "./by-buckets.ts";
import type { Effort, Scored } from "./estimate.ts";
import { GROWTH, type KnownBars, reachOf, readsAllAtOnce } from "./next-effort.ts";
import { tailShare } from "./tail-share.ts";
import { sizeOfHead } from "./thinning.ts";

// Answers with an effort that was chosen for the query, not by the caller, and what they say about the choice.

/** Makes the answer of an effort, or of all rows with `exact`. */
export type EstimateBy<T extends Scored> = (effort: Effort, exact: boolean) => T;

/** The ways to make an answer. */
export interface Ways<T extends Scored> {
  readonly estimateBy: EstimateBy<T>;
  /** Makes the answer of other draws from the tail in place. Undefined where an answer does not leave its search in place. */
  readonly redrawBy?: ((effort: Effort) => T) | undefined;
}

/** Makes the answer of more draws than the last one, with its head. Rows of the head count again only where they are read again. */
export function answerWithHead<T extends Scored>(
  opened: OpenedIndex,
  { estimateBy, redrawBy }: Ways<T>,
  effort: Effort,
): T {
  if (!redrawBy) return estimateBy(effort, false);
  const before = read(opened, structs.SEARCH_SCORED);
  const answer = redrawBy(effort);
  return { ...answer, scored: answer.scored - before };
}

/**
 * Returns the bar of the effort in place, and the one to expect of the largest head that costs less than `worth`. Looking at that
 * head writes over the one in place.
 */
export function barsOfHeads(opened: OpenedIndex, { scan, draws }: HeadAndDraws, bar: number, worth: number): KnownBars {
  const reach = reachOf(opened, draws, worth);
  const leastBar = reach >= GROWTH * scan ? expectedBar(opened, { scan: sizeOfHead(opened, reach), draws }) : bar;
  return { bar, leastBar };
}

/** Returns true if all rows are read at once in place of a first effort that leaves some out. */
export function readsAll(opened: OpenedIndex, effort: HeadAndDraws): boolean {
  const { header, errorBars } = opened;
  const isAtOnce = errorBars.hasDispersions && readsAllAtOnce(header.facts, effort, errorBars);
  return isAtOnce && !headHoldsAllowed(opened, effort.scan);
}

/** The part of a choice that is about the default effort. */
export type AtDefault = Pick<ScanChoice, "headShare" | "expectedErrorAtDefault">;

/** Returns the number of draws of the estimate in place, for which the caller asked for `draws`. */
export const drawsMade = (opened: OpenedIndex, draws: number): number =>
  Math.max(draws, read(opened, structs.SEARCH_DRAW_COUNT));

/** Returns the bar of the estimate in place, or the one to expect if it has none, as without draws. */
export const barInPlace = (opened: OpenedIndex, standardError: number, draws: number): number =>
  Number.isFinite(standardError) ? standardError : foreseenBar(opened, draws);

/** Describes the estimate in place, which has the default effort. */
export const atDefaultOf = (opened: OpenedIndex, draws: number): AtDefault => ({
  headShare: 1 - tailShare(opened),
  expectedErrorAtDefault: expectedError(opened, draws),
});

/** Describes the choice of the effort whose estimate is in place. */
export const choiceOf = (opened: OpenedIndex, { scan, draws }: HeadAndDraws, atDefault?: AtDefault): ScanChoice => ({
  scan,
  draws,
  proposal: "buckets",
  exact: false,
  expectedError: expectedError(opened, drawsMade(opened, draws)),
  ...atDefault,
});

/** Answers from all rows, and says that this was chosen. `draws` is the number that the caller asked for. */
export function answerFromAll<T extends Scored>(
  opened: OpenedIndex,
  { draws, seed }: Pick<Effort, "draws" | "seed">,
  estimateBy: EstimateBy<T>,
  atDefault?: AtDefault,
): T & { readonly choice: ScanChoice } {
  const scan = opened.conditions.allowedCount;
  const answer = estimateBy({ proposal: "buckets", scan, draws, seed }, true);
  return { ...answer, choice: { scan, draws: 0, proposal: "buckets", exact: true, expectedError: 0, ...atDefault } };
}
