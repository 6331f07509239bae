import * as structs from "../../build/structs.ts";
import type { HeadAndDraws } from "../memory/head-and-draws.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import type { ScanChoice } from "./answers.ts";
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
  readsAll,
  type Ways,
} from "./chosen-effort.ts";
import { LEAST_ERROR } from "./dispersion-bars.ts";
import type { Effort, Scored } from "./estimate.ts";
import { cheapestEffort, type EffortAim, isBeyondReach, isVain, moreDraws, worthOf } from "./next-effort.ts";
import { DEFAULT_SCAN, type ErrorTarget } from "./options.ts";

// scan: "auto" for files with dispersions, which tell the error of a head before anything is drawn from its tail. An answer
// is taken if its own bar meets the target. Otherwise there are more draws or a larger head, and at last all rows. So no
// answer misses its target, and no draw is spent on a choice.

/** Answers with a bar of at most `targetError`: from a head of the buckets, or at last from all rows. */
export function meetTarget<T extends Scored>(
  opened: OpenedIndex,
  { draws, seed, targetError }: ErrorTarget,
  ways: Ways<T>,
): T & { readonly choice: ScanChoice } {
  const first: HeadAndDraws = { scan: Math.min(DEFAULT_SCAN, opened.plan.maxScan), draws };
  const aim = { targetError: Math.min(targetError, barAtLimit(opened)), worth: worthOf(opened) };
  const isHopeless = aim.targetError < LEAST_ERROR || draws < 2 || isVain(opened, first, aim.targetError);
  let effort: HeadAndDraws | undefined = isHopeless || readsAll(opened, first) ? undefined : first;
  let atDefault: AtDefault | undefined;
  let scored = 0;
  let keepsHead = false;
  while (effort) {
    const { scan }: HeadAndDraws = effort;
    const asked: Effort = { ...effort, proposal: "buckets", seed, aim: aim.targetError };
    const answer: T = keepsHead ? answerWithHead(opened, ways, asked) : ways.estimateBy(asked, false);
    const made: HeadAndDraws = { scan, draws: drawsMade(opened, effort.draws) };
    atDefault ??= atDefaultOf(opened, made.draws);
    scored += answer.scored;
    const { standardError } = answer;
    if (standardError <= targetError) return { ...answer, scored, choice: choiceOf(opened, made, atDefault) };
    const bar = barInPlace(opened, standardError, made.draws);
    // A head without draws lacks its classes by code.
    const more = read(opened, structs.SEARCH_DRAW_COUNT) > 0 ? moreDraws(opened, made, bar, aim) : undefined;
    keepsHead = more !== undefined;
    effort = more ?? (isBeyondReach(bar, aim.targetError) ? undefined : largerHead(opened, made, bar, aim));
  }
  const answer = answerFromAll(opened, { draws, seed }, ways.estimateBy, atDefault);
  return { ...answer, scored: scored + answer.scored };
}

/** Returns the cheapest effort that is expected to meet the target after one that missed it. Undefined if none is worth it. */
const largerHead = (opened: OpenedIndex, made: HeadAndDraws, bar: number, aim: EffortAim): HeadAndDraws | undefined =>
  cheapestEffort(opened, made, barsOfHeads(opened, made, bar, aim.worth), aim);
