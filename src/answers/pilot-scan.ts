import type { OpenedIndex } from "../memory/opened-index.ts";
import { weighed } from "../memory/weighed.ts";
import { isTrustworthy, metEnough, tailDeviation } from "./allowance-bars.ts";
import type { ScanChoice } from "./answers.ts";
import { predictByCodes } from "./by-codes.ts";
import { momentsOf } from "./estimate.ts";
import type { Moments } from "./moments.ts";
import { CODED_HEAD, DEFAULT_SCAN, type ErrorTarget, LARGEST_HEAD, LEAST_CODED } from "./options.ts";
import { expOf, logTailOverHead, tailShare } from "./tail-share.ts";

// The choice of scan: "auto" for files without dispersions, which have format 1.0.

/** The factor by which the head grows from one try to the next. */
const GROWTH = 4;

/**
 * The number of pilot draws, which measure the weights of the tail. The answer does not use them again, so it stays
 * unbiased.
 */
const PILOT_DRAWS = 64;
/** Changes the seed for the pilot draws. */
const PILOT = 0x9e3779b97f4a7c15n;

/**
 * Chooses the smallest head budget that is expected to meet `targetError` with `draws` draws. Each head is tested by pilot
 * draws from its tail. If none meets it, the fine codes of an index with many classes are tried, and then all rows.
 */
export function chooseScan(opened: OpenedIndex, { draws, seed, targetError }: ErrorTarget): ScanChoice {
  const { plan, header, conditions } = opened;
  const kernels = weighed(opened);
  const { layout } = plan;
  const reach = Math.min(plan.maxScan, conditions.allowedCount * LARGEST_HEAD);
  const measureHead = (scan: number): { readonly share: number; readonly error: number } => {
    kernels.propose(layout, scan, 0);
    kernels.estimateTail(layout, PILOT_DRAWS, seed ^ PILOT);
    return { share: tailShare(opened), error: expectedError(opened, momentsOf(opened), draws) };
  };
  const measureCodes = (scan: number): number => {
    predictByCodes(opened, 0, { scan, draws: PILOT_DRAWS, seed: seed ^ PILOT });
    return expectedError(opened, momentsOf(opened), draws);
  };
  const firstScan = Math.min(DEFAULT_SCAN, plan.maxScan);
  const first = measureHead(firstScan);
  const measured = { headShare: 1 - first.share, expectedErrorAtDefault: first.error };
  for (let scan = firstScan, { error } = first; ; { error } = measureHead(scan)) {
    if (error <= targetError)
      return { scan, draws, proposal: "buckets", exact: false, expectedError: error, ...measured };
    scan *= GROWTH;
    if (scan > reach) break;
  }
  const codedScan = Math.min(CODED_HEAD, plan.maxScan);
  if (header.facts.hasFineCodes && conditions.allowedCount >= LEAST_CODED) {
    const error = measureCodes(codedScan);
    if (error <= targetError) {
      return { scan: codedScan, draws, proposal: "codes", exact: false, expectedError: error, ...measured };
    }
  }
  return { scan: conditions.allowedCount, draws: 0, proposal: "buckets", exact: true, expectedError: 0, ...measured };
}

/**
 * Estimates the relative standard error of Z from `draws` draws like those of the pilot. If the pilot cannot be
 * trusted, weights that no draw has met may be most of the tail. The error of the whole tail is then that of one draw,
 * as a log-normal with twice the variance. The computation is in logarithms, because such weights may belong to a share
 * that f64 cannot hold.
 */
function expectedError(opened: OpenedIndex, pilot: Moments, draws: number): number {
  if (pilot.tailCount === 0) return 0;
  const share = tailShare(opened);
  const relativeError = (count: number): number =>
    pilot.tailMean > 0 ? (share * tailDeviation(pilot, count, opened.kernels)) / pilot.tailMean : 0;
  if (isTrustworthy(pilot)) return relativeError(draws);
  if (!metEnough(pilot)) return Number.POSITIVE_INFINITY;
  const logShare = Math.min(logTailOverHead(opened), 0);
  return Math.max(relativeError(1), expOf(opened, logShare + pilot.tailLogVariance));
}
