import type { OpenedIndex } from "../memory/opened-index.ts";
import type { ScanChoice } from "./answers.ts";
import { expectedError } from "./by-buckets.ts";
import { LEAST_ERROR } from "./dispersion-bars.ts";
import type { Effort, Scored } from "./estimate.ts";
import { CODED_HEAD, DEFAULT_SCAN, type ErrorTarget, LARGEST_HEAD, LEAST_CODED, type Proposal } from "./options.ts";
import { logTailMass, tailShare } from "./tail-share.ts";

// scan: "auto" for files with dispersions, which tell the error of a head before it is scored. The answer of a head is
// taken if its own bar meets the target, and otherwise the head grows. So no answer misses its target, and no draw is
// spent on a choice.

/** With at most this many heads of classes, a scan of all rows takes no longer than a head and its draws. */
const SMALL = 4;

/** With at most this many, a head that fails takes too large a part of a scan of all rows, so it is foreseen. */
const MODERATE = 64;

/** The least factor by which the head grows. */
const GROWTH = 2;

/** Answers with a bar of at most `targetError`: from a head of the buckets, by fine codes, or at last from all rows. */
export function meetTarget<T extends Scored>(
  opened: OpenedIndex,
  target: ErrorTarget,
  estimateBy: (effort: Effort, exact: boolean) => T,
): T & { readonly choice: ScanChoice } {
  const { draws, seed, targetError } = target;
  const { allowedCount } = opened.conditions;
  const firstScan = Math.min(DEFAULT_SCAN, opened.plan.maxScan);
  const isVain = allowedCount <= SMALL * firstScan || targetError < LEAST_ERROR || draws < 2;
  const foreseen = isVain || allowedCount <= MODERATE * firstScan ? foresee(opened, target, firstScan) : undefined;
  let atDefault = foreseen?.atDefault;
  let scored = 0;
  const tryWith = (proposal: Proposal, scan: number) => {
    const answer = estimateBy({ proposal, scan, draws, seed }, false);
    const expected = opened.errorBars.factor * answer.modelError;
    atDefault ??= { headShare: 1 - tailShare(opened), expectedErrorAtDefault: expected };
    scored += answer.scored;
    const choice: ScanChoice = { scan, proposal, exact: false, expectedError: expected, ...atDefault };
    return { ...answer, scored, choice };
  };
  if (!isVain) {
    for (let scan = foreseen?.isReached === false ? Infinity : firstScan; scan <= reachOf(opened); ) {
      const answer = tryWith("buckets", scan);
      if (answer.standardError <= targetError) return answer;
      scan = Math.ceil(Math.max(GROWTH * scan, neededScan(opened, scan, answer, target)));
    }
    if (opened.header.facts.hasFineCodes && allowedCount >= LEAST_CODED) {
      const answer = tryWith("codes", Math.min(CODED_HEAD, opened.plan.maxScan));
      if (answer.standardError <= targetError) return answer;
    }
  }
  atDefault ??= foresee(opened, target, firstScan).atDefault;
  const answer = estimateBy({ proposal: "buckets", scan: allowedCount, draws, seed }, true);
  const choice: ScanChoice = { scan: allowedCount, proposal: "buckets", exact: true, expectedError: 0, ...atDefault };
  return { ...answer, scored: scored + answer.scored, choice };
}

/** Returns the largest head that takes less time than all rows. */
const reachOf = ({ plan, conditions }: OpenedIndex): number =>
  Math.min(plan.maxScan, Math.floor(conditions.allowedCount * LARGEST_HEAD));

/** Returns the bar that a head leads one to expect, if the variance of the draws is that of the model. */
function expectedBar(opened: OpenedIndex, scan: number, draws: number, logReference: number): number {
  opened.kernels.proposeTail(opened.plan.layout, scan, 0);
  return Math.SQRT2 * opened.errorBars.factor * expectedError(opened, draws, logReference);
}

/** What the quantised masses say of heads before a row is scored. */
interface Foreseen {
  readonly atDefault: Pick<ScanChoice, "headShare" | "expectedErrorAtDefault">;
  /** A head within reach is expected to meet the target. */
  readonly isReached: boolean;
}

/** Where no class that is left lies in a bucket: every head has all classes. */
const WITHOUT_TAIL: Foreseen = { atDefault: { headShare: 1, expectedErrorAtDefault: 0 }, isReached: true };

/** Looks at the default head and at the largest within reach, with the sum of all quantised masses in place of Z. */
function foresee(opened: OpenedIndex, { draws, targetError }: ErrorTarget, firstScan: number): Foreseen {
  const { kernels, plan } = opened;
  kernels.proposeTail(plan.layout, 0, 0);
  const logTotal = logTailMass(opened);
  if (logTotal === Number.NEGATIVE_INFINITY) return WITHOUT_TAIL;
  const isReached = expectedBar(opened, reachOf(opened), draws, logTotal) <= targetError;
  kernels.proposeTail(plan.layout, firstScan, 0);
  const headShare = 1 - Math.min(1, kernels.exp64(logTailMass(opened) - logTotal));
  const expectedErrorAtDefault = opened.errorBars.factor * expectedError(opened, Math.max(draws, 1), logTotal);
  return { atDefault: { headShare, expectedErrorAtDefault }, isReached };
}

/**
 * Returns the head that is expected to meet the target after one that missed it, Infinity if none within reach is. The
 * bar is taken to fall with a power of the head, from the one that was measured to the one that is expected at the
 * reach.
 */
function neededScan(
  opened: OpenedIndex,
  scan: number,
  { standardError, logPartition }: Scored,
  { draws, targetError }: ErrorTarget,
): number {
  const { log64, exp64 } = opened.kernels;
  const reach = reachOf(opened);
  if (GROWTH * scan > reach) return Number.POSITIVE_INFINITY;
  const least = expectedBar(opened, reach, draws, logPartition);
  if (!(least <= targetError)) return Number.POSITIVE_INFINITY;
  if (!Number.isFinite(standardError)) return reach;
  const steps = log64(standardError / targetError) / log64(standardError / Math.max(least, LEAST_ERROR));
  return scan * exp64(steps * log64(reach / scan));
}
