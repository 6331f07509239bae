import type { OpenedIndex } from "../memory/opened-index.ts";
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

/** With at most this many, a head that fails takes too large a part of a scan of all rows, so it is foreseen. */
const MODERATE = 64;

/** Answers with a bar of at most `targetError`: from a head of the buckets, by fine codes, or at last from all rows. */
export function meetTarget<T extends Scored>(
  opened: OpenedIndex,
  { draws, seed, targetError }: ErrorTarget,
  estimateBy: (effort: Effort, exact: boolean) => T,
): T & { readonly choice: ScanChoice } {
  const { allowedCount } = opened.conditions;
  const first: HeadAndDraws = { scan: Math.min(DEFAULT_SCAN, opened.plan.maxScan), draws };
  const isVain = allowedCount <= SMALL * first.scan || targetError < LEAST_ERROR || draws < 2;
  const foreseen = isVain || allowedCount <= MODERATE * first.scan ? foresee(opened, first) : undefined;
  let atDefault = foreseen?.atDefault;
  let scored = 0;
  const tryWith = (effort: Omit<Effort, "seed">) => {
    const answer = estimateBy({ ...effort, seed }, false);
    const expected = opened.errorBars.factor * answer.modelError;
    atDefault ??= { headShare: 1 - tailShare(opened), expectedErrorAtDefault: expected };
    scored += answer.scored;
    const choice: ScanChoice = { ...effort, exact: false, expectedError: expected, ...atDefault };
    return { ...answer, scored, choice };
  };
  if (!isVain) {
    let effort: HeadAndDraws | undefined = first;
    if (foreseen && !cheapestEffort(opened, first, { ...foreseen, isMissed: false }, targetError)) effort = undefined;
    while (effort) {
      const answer: T & { readonly choice: ScanChoice } = tryWith({ ...effort, proposal: "buckets" });
      if (answer.standardError <= targetError) return answer;
      const leastBar = expectedBar(opened, { ...effort, scan: reachOf(opened) }, answer.logPartition);
      effort = cheapestEffort(opened, effort, { bar: answer.standardError, leastBar, isMissed: true }, targetError);
    }
    if (opened.header.facts.hasFineCodes && allowedCount >= LEAST_CODED) {
      const answer = tryWith({ proposal: "codes", scan: Math.min(CODED_HEAD, opened.plan.maxScan), draws });
      if (answer.standardError <= targetError) return answer;
    }
  }
  atDefault ??= foresee(opened, first).atDefault;
  const all = { proposal: "buckets", scan: allowedCount, draws } as const;
  const answer = estimateBy({ ...all, seed }, true);
  const choice: ScanChoice = { ...all, draws: 0, exact: true, expectedError: 0, ...atDefault };
  return { ...answer, scored: scored + answer.scored, choice };
}

/** Returns the bar that an effort leads one to expect, if the variance of the draws is that of the model. */
function expectedBar(opened: OpenedIndex, { scan, draws }: HeadAndDraws, logReference: number): number {
  opened.kernels.proposeTail(opened.plan.layout, scan, 0);
  return Math.SQRT2 * opened.errorBars.factor * expectedError(opened, draws, logReference);
}

/** What the quantised masses say of heads before a row is scored. */
interface Foreseen {
  readonly atDefault: Pick<ScanChoice, "headShare" | "expectedErrorAtDefault">;
  /** The bar that the default head leads one to expect. */
  readonly bar: number;
  /** The bar that the largest head within reach leads one to expect. */
  readonly leastBar: number;
}

/** Where no class that is left lies in a bucket: every head has all classes. */
const WITHOUT_TAIL: Foreseen = { atDefault: { headShare: 1, expectedErrorAtDefault: 0 }, bar: 0, leastBar: 0 };

/** Looks at the default head and at the largest within reach, with the sum of all quantised masses in place of Z. */
function foresee(opened: OpenedIndex, { scan, draws }: HeadAndDraws): Foreseen {
  const { kernels, plan } = opened;
  kernels.proposeTail(plan.layout, 0, 0);
  const logTotal = logTailMass(opened);
  if (logTotal === Number.NEGATIVE_INFINITY) return WITHOUT_TAIL;
  const leastBar = expectedBar(opened, { scan: reachOf(opened), draws }, logTotal);
  const bar = expectedBar(opened, { scan, draws: Math.max(draws, 1) }, logTotal);
  const headShare = 1 - Math.min(1, kernels.exp64(logTailMass(opened) - logTotal));
  const expectedErrorAtDefault = bar / Math.SQRT2;
  return { atDefault: { headShare, expectedErrorAtDefault }, bar, leastBar };
}
