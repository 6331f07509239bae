import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { canScoreLeft, headHoldsAllowed } from "./allowed-head.ts";
import { type BucketEffort, predictByBuckets } from "./by-buckets.ts";
import { predictByCodes } from "./by-codes.ts";
import { certain, estimateLogPartition, type LogPartition } from "./error-bars.ts";
import { scanAll } from "./full-scan.ts";
import { leastUnevenness } from "./least-unevenness.ts";
import type { Moments } from "./moments.ts";
import type { Proposal } from "./options.ts";
import { roundingOf } from "./rounding.ts";
import { logTailMass } from "./tail-share.ts";
import { predictThinned } from "./thinning.ts";

export interface Scored extends LogPartition {
  /** The number of rows read. */
  readonly scored: number;
}

/** A way to estimate: the proposal, and its head and draws. */
export interface Effort extends BucketEffort {
  readonly proposal: Proposal;
}

/**
 * Estimates log Z from a head and draws of the tail, and leaves the k best of the head in topIds and topScores. Where a bitmap
 * thins out and the bar would be too wide, it scores all classes that are left if they are few enough.
 */
export function estimate(opened: OpenedIndex, k: number, { proposal, ...effort }: Effort): Scored {
  let scored = 0;
  if (proposal === "buckets" && predictThinned(opened, k, effort)) {
    const thinned = estimateInPlace(opened, effort);
    if (!thinned.lowEss || !canScoreLeft(opened)) return thinned;
    scored = thinned.scored;
    opened.conditions.filterRows(opened);
  }
  const isListed = proposal === "codes" || headHoldsAllowed(opened, effort.scan);
  (isListed ? predictByCodes : predictByBuckets)(opened, k, effort);
  const estimated = estimateInPlace(opened, effort);
  return { ...estimated, scored: scored + estimated.scored };
}

/** Estimates log Z from other draws of the tail in place, which no bitmap thins out, and leaves the head as it is. */
export function redraw(opened: OpenedIndex, { draws, seed }: Pick<Effort, "draws" | "seed">): Scored {
  opened.kernels.estimateTail(opened.plan.layout, draws, seed);
  return estimateInPlace(opened, { draws });
}

/** Returns the estimate of the moments in place. */
function estimateInPlace(opened: OpenedIndex, { draws }: Pick<Effort, "draws">): Scored {
  const estimated = estimateLogPartition(momentsOf(opened), draws, opened.errorBars, opened.kernels);
  return { ...estimated, scored: read(opened, structs.SEARCH_SCORED) };
}

/** Computes log Z from all rows, and leaves the k best of all in topIds and topScores. */
export function estimateExactly(opened: OpenedIndex, k: number, draws: number): Scored {
  const { logPartition, scored } = scanAll(opened, k);
  return { ...exactAnswer(opened, logPartition, draws), scored };
}

/** Returns the answer where `logPartition` is the sum of all scores. */
export function exactAnswer(opened: OpenedIndex, logPartition: number, draws: number): LogPartition {
  return certain(logPartition, draws, opened.errorBars.hasDispersions ? roundingOf(opened, logPartition) : 0);
}

export function momentsOf(opened: OpenedIndex): Moments {
  const kept = keptOf(opened);
  const { hasDispersions } = opened.errorBars;
  const tailMean = read(opened, structs.SEARCH_TAIL_MEAN);
  const leastSquare = tailMean * tailMean * (1 + leastUnevenness(opened));
  return {
    headMass: read(opened, structs.SEARCH_HEAD_MASS),
    tailMass: kept.share * read(opened, structs.SEARCH_TAIL_MASS),
    tailMean,
    tailSquareMean: Math.max(read(opened, structs.SEARCH_TAIL_SQUARE_MEAN), leastSquare),
    tailLargest: read(opened, structs.SEARCH_TAIL_LARGEST),
    logTail: logTailMass(opened) + opened.kernels.log64(kept.square) / 2,
    tailLogSpread: read(opened, structs.SEARCH_TAIL_LOG_SPREAD),
    isExtended: read(opened, structs.SEARCH_CODED_COUNT) > 0,
    rounding: roundingOf(opened, read(opened, structs.SEARCH_HEAD_MAX) * opened.conditions.inverseTemperature),
    logShift: read(opened, structs.SEARCH_LOG_SHIFT),
    drawCount: read(opened, structs.SEARCH_DRAW_COUNT),
    distinctCount: hasDispersions ? 0 : runs(opened),
    tailLogVariance: hasDispersions ? 0 : opened.kernels.logVarianceOfDraws(opened.plan.layout),
    tailCount: opened.conditions.allowedCount - read(opened, structs.SEARCH_HEAD_COUNT),
  };
}

/** Returns the part that a bitmap leaves of the buckets that were drawn: its mean, and the mean of its square. */
function keptOf(opened: OpenedIndex): { readonly share: number; readonly square: number } {
  const draws = read(opened, structs.SEARCH_DRAW_COUNT);
  if (opened.conditions.thinnedShare === undefined || draws === 0) return { share: 1, square: 1 };
  // One draw of a whole bucket is added: with few classes left, the part may be larger than it seems.
  const [share, square] = [read(opened, structs.SEARCH_KEPT_SHARE), read(opened, structs.SEARCH_KEPT_SQUARE)];
  return { share, square: (square * draws + 1) / (draws + 1) };
}

/** Counts the runs of equal classes among the draws of the tail, which are in the order of the buckets. */
function runs(opened: OpenedIndex): number {
  const { integers } = opened;
  const first = opened.plan.regions.drawPositions / 4;
  const end = first + read(opened, structs.SEARCH_DRAW_COUNT);
  let count = first < end ? 1 : 0;
  for (let j = first + 1; j < end; j++) if (integers[j] !== integers[j - 1]) count++;
  return count;
}
