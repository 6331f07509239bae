import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { weighed } from "../memory/weighed.ts";
import type { ScanChoice } from "./answers.ts";
import { errorOfSpread, foreseenBar } from "./by-buckets.ts";
import { LEAST_ERROR } from "./dispersion-bars.ts";
import type { Effort, Scored } from "./estimate.ts";
import { cheapestEffort, GROWTH, type HeadAndDraws, isVain, reachOf } from "./next-effort.ts";
import { DEFAULT_SCAN, type ErrorTarget } from "./options.ts";
import { tailShare } from "./tail-share.ts";

// scan: "auto" for files with dispersions, which tell the error of a head before anything is drawn from its tail. An answer
// is taken if its own bar meets the target. Otherwise there are more draws or a larger head, and at last all rows. So no
// answer misses its target, and no draw is spent on a choice.

type AtDefault = Pick<ScanChoice, "headShare" | "expectedErrorAtDefault">;

/** Answers with a bar of at most `targetError`: from a head of the buckets, or at last from all rows. */
export function meetTarget<T extends Scored>(
  opened: OpenedIndex,
  { draws, seed, targetError }: ErrorTarget,
  estimateBy: (effort: Effort, exact: boolean) => T,
): T & { readonly choice: ScanChoice } {
  const { allowedCount } = opened.conditions;
  const first: HeadAndDraws = { scan: Math.min(DEFAULT_SCAN, opened.plan.maxScan), draws };
  const isHopeless = targetError < LEAST_ERROR || draws < 2 || isVain(opened, first, targetError);
  let effort: HeadAndDraws | undefined = isHopeless ? undefined : first;
  let atDefault: AtDefault | undefined;
  let scored = 0;
  while (effort) {
    const { scan }: HeadAndDraws = effort;
    const answer: T = estimateBy({ ...effort, proposal: "buckets", seed, aim: targetError }, false);
    const drawn = Math.max(effort.draws, read(opened, structs.SEARCH_DRAW_COUNT));
    const expected = opened.errorBars.factor * errorOfSpread(opened, drawn, read(opened, structs.SEARCH_LOG_PROPOSAL));
    atDefault ??= { headShare: 1 - tailShare(opened), expectedErrorAtDefault: expected };
    scored += answer.scored;
    const { standardError } = answer;
    if (standardError <= targetError) {
      const taken = { scan, draws: drawn, proposal: "buckets", exact: false, expectedError: expected } as const;
      return { ...answer, scored, choice: { ...taken, ...atDefault } };
    }
    // An answer without draws has no bar.
    const bar = Number.isFinite(standardError) ? standardError : foreseenBar(opened, drawn);
    const reach = reachOf(opened, drawn);
    const leastBar = reach >= GROWTH * scan ? expectedBar(opened, { scan: reach, draws: drawn }) : bar;
    effort = cheapestEffort(opened, { scan, draws: drawn }, { bar, leastBar }, targetError);
  }
  const all = { proposal: "buckets", scan: allowedCount, draws } as const;
  const answer = estimateBy({ ...all, seed }, true);
  const choice: ScanChoice = { ...all, draws: 0, exact: true, expectedError: 0, ...atDefault };
  return { ...answer, scored: scored + answer.scored, choice };
}

/** Returns the bar to expect of an effort, if the variance of the draws is that of the model. */
function expectedBar(opened: OpenedIndex, { scan, draws }: HeadAndDraws): number {
  const logProposal = read(opened, structs.SEARCH_LOG_PROPOSAL); // of the head before
  weighed(opened).proposeTail(opened.plan.layout, scan, 0);
  opened.kernels.tailSpread(opened.plan.layout);
  return Math.SQRT2 * opened.errorBars.factor * errorOfSpread(opened, draws, logProposal);
}
