import type { OpenedIndex } from "../memory/opened-index.ts";
import type { ScanChoice } from "./answers.ts";
import { predictByCodes } from "./by-codes.ts";
import { isTrustworthy, type Moments, metEnough, tailDeviation } from "./error-bars.ts";
import { momentsOf } from "./estimate.ts";
import { CODED_HEAD, DEFAULT_SCAN } from "./options.ts";
import { expOf, logTailOverHead, tailShare } from "./tail-share.ts";

/** The factor by which the head grows from one try to the next. */
const GROWTH = 4;

/** A head of more than this share of all classes takes longer than a scan of all rows in order. */
const LARGEST_HEAD = 0.25;

/**
 * From this number of classes on, fine codes take less time than all rows: the same at 100,000, a third at 1,000,000.
 */
const LEAST_CODED = 200_000;

/**
 * The number of pilot draws, which measure the weights of the tail. The answer does not use them again, so it stays
 * unbiased.
 */
const PILOT_DRAWS = 64;
/** Changes the seed for the pilot draws. */
const PILOT = 0x9e3779b97f4a7c15n;

interface ErrorTarget {
  readonly draws: number;
  readonly seed: bigint;
  /** The relative standard error of Z to aim at. */
  readonly targetError: number;
}

/**
 * Chooses the smallest head budget that is expected to meet `targetError` with `draws` draws. Pilot draws from the tail
 * of each head tell. If no head does, it tries the fine codes of an index with many classes, and then all rows.
 */
export function chooseScan(opened: OpenedIndex, { draws, seed, targetError }: ErrorTarget): ScanChoice {
  const { kernels, plan, header, conditions } = opened;
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
    if (error <= targetError) return { scan, proposal: "buckets", exact: false, expectedError: error, ...measured };
    scan *= GROWTH;
    if (scan > reach) break;
  }
  const codedScan = Math.min(CODED_HEAD, plan.maxScan);
  if (header.facts.hasFineCodes && conditions.allowedCount >= LEAST_CODED) {
    const error = measureCodes(codedScan);
    if (error <= targetError) {
      return { scan: codedScan, proposal: "codes", exact: false, expectedError: error, ...measured };
    }
  }
  return { scan: conditions.allowedCount, proposal: "buckets", exact: true, expectedError: 0, ...measured };
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
