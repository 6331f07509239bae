import type { OpenedIndex } from "../memory/opened-index.ts";
import type { ScanChoice } from "./answers.ts";
import { predictByCodes } from "./by-codes.ts";
import { isTrustworthy, type Moments, metEnough, tailDeviation } from "./error-bars.ts";
import { momentsOf } from "./estimate.ts";
import { CODED_HEAD, DEFAULT_SCAN } from "./options.ts";
import { expOf, logTailOverHead, tailShare } from "./tail-share.ts";

/** Of the head, from one try to the next. */
const GROWTH = 4;

/** A head of more than this share of all classes takes longer than to scan them all in order. */
const LARGEST_HEAD = 0.25;

/** Classes from which on fine codes take less time than all rows: as long at 100,000, a third at 1,000,000. */
const LEAST_CODED = 200_000;

/** Draws that the tail's weights are looked at with; they are not used again, so the answer stays unbiased. */
const PILOT_DRAWS = 64;
/** Changes the seed for them. */
const PILOT = 0x9e3779b97f4a7c15n;

interface Aim {
  readonly draws: number;
  readonly seed: bigint;
  /** Relative standard error of the partition. */
  readonly targetError: number;
}

/**
 * The least head budget expected to meet `targetError` with `draws` draws, by pilot draws behind each that is tried; then
 * the fine codes, where there are any and many classes; then all rows.
 */
export function chooseScan(opened: OpenedIndex, { draws, seed, targetError }: Aim): ScanChoice {
  const { kernels, plan, header, conditions } = opened;
  const { layout } = plan;
  const reach = Math.min(plan.maxScan, conditions.allowedCount * LARGEST_HEAD);
  const look = (scan: number): { readonly share: number; readonly error: number } => {
    kernels.propose(layout, scan, 0);
    kernels.estimateTail(layout, PILOT_DRAWS, seed ^ PILOT);
    return { share: tailShare(opened), error: expectedError(opened, momentsOf(opened), draws) };
  };
  const lookByCodes = (scan: number): number => {
    predictByCodes(opened, 0, { scan, draws: PILOT_DRAWS, seed: seed ^ PILOT });
    return expectedError(opened, momentsOf(opened), draws);
  };
  const firstScan = Math.min(DEFAULT_SCAN, plan.maxScan);
  const first = look(firstScan);
  const measured = { headShare: 1 - first.share, expectedErrorAtDefault: first.error };
  for (let scan = firstScan, { error } = first; ; { error } = look(scan)) {
    if (error <= targetError) return { scan, proposal: "buckets", exact: false, expectedError: error, ...measured };
    scan *= GROWTH;
    if (scan > reach) break;
  }
  const codedScan = Math.min(CODED_HEAD, plan.maxScan);
  if (header.facts.hasFineCodes && conditions.allowedCount >= LEAST_CODED) {
    const error = lookByCodes(codedScan);
    if (error <= targetError) {
      return { scan: codedScan, proposal: "codes", exact: false, expectedError: error, ...measured };
    }
  }
  return { scan: conditions.allowedCount, proposal: "buckets", exact: true, expectedError: 0, ...measured };
}

/**
 * Relative standard error of the partition from `draws` draws of the kind that the pilot has seen. Where the pilot can't
 * be trusted, the whole tail is thought to be off by what one draw would be, as a log-normal of twice the variance: weights
 * that no draw has met may be most of it. In logs, since a share that f64 can't hold may belong to such weights.
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
