import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { weighed } from "../memory/weighed.ts";
import type { ScanChoice } from "./answers.ts";
import { expectedError } from "./by-buckets.ts";
import { LEAST_ERROR } from "./dispersion-bars.ts";
import type { Effort, Scored } from "./estimate.ts";
import { cheapestEffort, type HeadAndDraws, reachOf } from "./next-effort.ts";
import { CODED_HEAD, DEFAULT_SCAN, type ErrorTarget, LEAST_CODED } from "./options.ts";
import { logTailMass, tailShare } from "./tail-share.ts";

// scan: "auto" for files with dispersions, which tell the error of a head before it is scored. An answer is taken if its
// own bar meets the target. Otherwise there are more draws or a larger head, and at last all rows. So no answer misses its
// target, and no draw is spent on a choice.

/** With at most this many default heads of classes, a scan of all rows takes no longer than a head and its draws. */
const SMALL = 4;

/** Answers with a bar of at most `targetError`: from a head of the buckets, by fine codes, or at last from all rows. */
export function meetTarget<T extends Scored>(
  opened: OpenedIndex,
  { draws, seed, targetError }: ErrorTarget,
  estimateBy: (effort: Effort, exact: boolean) => T,
): T & { readonly choice: ScanChoice } {
  const { allowedCount } = opened.conditions;
  const first: HeadAndDraws = { scan: Math.min(DEFAULT_SCAN, opened.plan.maxScan), draws };
  const isVain = allowedCount <= SMALL * first.scan || targetError < LEAST_ERROR || draws < 2;
  let atDefault: AtDefault | undefined;
  let scored = 0;
  const tryWith = (effort: Omit<Effort, "seed" | "aim">) => {
    const answer = estimateBy({ ...effort, seed, aim: targetError }, false);
    const expected = opened.errorBars.factor * answer.modelError;
    atDefault ??= { headShare: 1 - tailShare(opened), expectedErrorAtDefault: expected };
    scored += answer.scored;
    const drawn = Math.max(effort.draws, read(opened, structs.SEARCH_DRAW_COUNT));
    const choice: ScanChoice = { ...effort, draws: drawn, exact: false, expectedError: expected, ...atDefault };
    return { ...answer, scored, choice };
  };
  if (!isVain) {
    let effort: HeadAndDraws | undefined = first;
    while (effort) {
      const answer: T & { readonly choice: ScanChoice } = tryWith({ ...effort, proposal: "buckets" });
      if (answer.standardError <= targetError) return answer;
      const drawn = { scan: effort.scan, draws: answer.choice.draws };
      const leastBar = expectedBar(opened, { ...drawn, scan: reachOf(opened) }, answer.logPartition);
      effort = cheapestEffort(opened, drawn, { bar: answer.standardError, leastBar }, targetError);
    }
    if (opened.header.facts.hasFineCodes && allowedCount >= LEAST_CODED) {
      const answer = tryWith({ proposal: "codes", scan: Math.min(CODED_HEAD, opened.plan.maxScan), draws });
      if (answer.standardError <= targetError) return answer;
    }
  }
  atDefault ??= foresee(opened, first);
  const all = { proposal: "buckets", scan: allowedCount, draws } as const;
  const answer = estimateBy({ ...all, seed }, true);
  const choice: ScanChoice = { ...all, draws: 0, exact: true, expectedError: 0, ...atDefault };
  return { ...answer, scored: scored + answer.scored, choice };
}

/** Returns the bar that an effort leads one to expect, if the variance of the draws is that of the model. */
function expectedBar(opened: OpenedIndex, { scan, draws }: HeadAndDraws, logReference: number): number {
  weighed(opened).proposeTail(opened.plan.layout, scan, 0);
  return Math.SQRT2 * opened.errorBars.factor * expectedError(opened, draws, logReference);
}

type AtDefault = Pick<ScanChoice, "headShare" | "expectedErrorAtDefault">;

/** Says what the quantised masses tell of the default head before a row is scored. Their sum takes the place of Z. */
function foresee(opened: OpenedIndex, { scan, draws }: HeadAndDraws): AtDefault {
  const { plan } = opened;
  const kernels = weighed(opened);
  kernels.proposeTail(plan.layout, 0, 0);
  const logTotal = logTailMass(opened);
  // Where no class that is left lies in a bucket, every head has all classes.
  if (logTotal === Number.NEGATIVE_INFINITY) return { headShare: 1, expectedErrorAtDefault: 0 };
  const expectedErrorAtDefault = expectedBar(opened, { scan, draws: Math.max(draws, 1) }, logTotal) / Math.SQRT2;
  const headShare = 1 - Math.min(1, kernels.exp64(logTailMass(opened) - logTotal));
  return { headShare, expectedErrorAtDefault };
}
