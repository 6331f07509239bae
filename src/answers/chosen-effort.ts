import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import type { ScanChoice } from "./answers.ts";
import { errorOfSpread } from "./by-buckets.ts";
import type { Effort, Scored } from "./estimate.ts";
import type { HeadAndDraws } from "./next-effort.ts";
import { tailShare } from "./tail-share.ts";

// Answers with an effort that was chosen for the query, not by the caller, and what they say about the choice.

/** Makes the answer of an effort, or of all rows with `exact`. */
export type EstimateBy<T extends Scored> = (effort: Effort, exact: boolean) => T;

/** The part of a choice that is about the default effort. */
export type AtDefault = Pick<ScanChoice, "headShare" | "expectedErrorAtDefault">;

/** Returns the number of draws of the estimate in place, for which the caller asked for `draws`. */
export const drawsMade = (opened: OpenedIndex, draws: number): number =>
  Math.max(draws, read(opened, structs.SEARCH_DRAW_COUNT));

/** Returns the error that the model expects of the estimate in place, with the calibration's factor. */
const expectedError = (opened: OpenedIndex, draws: number): number =>
  opened.errorBars.factor * errorOfSpread(opened, draws, read(opened, structs.SEARCH_LOG_PROPOSAL));

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
