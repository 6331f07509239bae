import * as structs from "../../build/structs.ts";
import * as abi from "../abi.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { weighed } from "../memory/weighed.ts";
import { canScoreLeft, topOfHead } from "./allowed-head.ts";
import { type BucketEffort, extendByCodes } from "./by-buckets.ts";
import { modelShare } from "./dispersion-bars.ts";
import { leastUnevenness } from "./least-unevenness.ts";
import { expOf, logTailOverHead } from "./tail-share.ts";

// A bitmap of the vocabulary, or a list of excluded classes, can change with every call, and weighing all buckets takes far longer
// than a search. So with many classes left, the weights stay those of all classes, and a search skips the other classes where it
// meets them: in the buckets of the head, which takes more of them, and in the buckets that are drawn (docs/method.md, 4).

/** The draws that tell beforehand how much of the tail a bitmap leaves. */
const PILOT_DRAWS = 64;
/** Tells the numbers of a pilot's draws from those of all others. */
const PILOT_SEED = 0x9e3779b97f4a7c15n;
/**
 * The least share of the tail that a bitmap may leave, as a part of the share of the classes. Below it, the classes in the
 * bitmap are not a random choice, and the masses of whole buckets say little about them.
 */
const LEAST_SHARE = 1 / 2;
/**
 * A head with less than this part of the classes that were asked for is made larger. Bars tell what an estimate lacks by a smaller
 * head, but the recall of topK was measured with heads of all classes that were asked for.
 */
const [FULL_FOR_ESTIMATE, FULL_FOR_TOP] = [3 / 4, 15 / 16];
/** A head of topK makes room at once for this part of its classes, if so few are excluded that all may be in it. */
const MOST_ROOM = 1 / 4;
/** The bitmap leaves uneven parts of the buckets. To make up for this, draws are multiplied by at most this factor. */
const MOST_MORE = 8;
/** More draws are made until log Ẑ has about this error, less than most answers without a bitmap have. */
const SMALL_ERROR = 0.02;
/** No estimate with a larger error is made where all classes that are left can be scored instead. */
const LARGEST_ERROR = 0.05;
/** A smaller variance counts as this one, so that it takes no more draws. */
const LEAST_VARIANCE = 1e-3;

/**
 * Leaves what predictByBuckets leaves, with the weights of all classes, if a bitmap thins out. Returns false if none does, or
 * if the query has so little mass in the bitmap that filtering all rows does better. Then their filter is in place.
 *
 * If the bitmap leaves the share a of the classes, the head has √a `scan` of them. That is a larger part of those that are left
 * than `scan` is of all classes, so predict finds no fewer of the k best: on 100,000 tokens 99.3 to 99.7 % with a half to a tenth of
 * the classes, and 99.6 % with all. With `scan` of them it found 99.8 to 100 %, in 1.1 to 1.5 times the time.
 */
export function predictThinned(opened: OpenedIndex, k: number, { scan, draws, seed }: BucketEffort): boolean {
  if (opened.conditions.thinnedShare === undefined) return false;
  const left = Math.ceil(scan * Math.sqrt(opened.conditions.thinnedShare));
  if (proposeThinned(opened, { k, scan: left, full: FULL_FOR_ESTIMATE, size: left }, seed)) {
    const { made, error } = drawsToMake(opened, draws);
    if (error <= LARGEST_ERROR || !canScoreLeft(opened)) {
      extendByCodes(opened, scan);
      topOfHead(opened, k);
      opened.kernels.estimateThinned(opened.plan.layout, made, seed);
      return true;
    }
  }
  opened.conditions.filterRows(opened);
  return false;
}

/** Leaves the k best of a head that is thinned out in topIds and topScores. Returns false in the cases of predictThinned. */
export function topThinned(opened: OpenedIndex, k: number, scan: number): boolean {
  if (opened.conditions.thinnedShare === undefined) return false;
  const { thinnedCount, changedCount } = opened.conditions;
  const excluded = thinnedCount - changedCount;
  const size = scan + (excluded <= scan ? Math.min(excluded, Math.ceil(scan * MOST_ROOM)) : 0);
  const isProposed = proposeThinned(opened, { k, scan, full: FULL_FOR_TOP, size }, 0n);
  if (isProposed) topOfHead(opened, k);
  else opened.conditions.filterRows(opened);
  return isProposed;
}

/** Makes the proposal with a head of about `scan` classes that are left, and more for k of them. */
export function proposeLeft(opened: OpenedIndex, scan: number, k: number): void {
  weighed(opened).propose(opened.plan.layout, sizeOfHead(opened, scan), k);
}

/** Returns the size of a head, of all classes, that leaves about `scan` of them if a bitmap thins it out by chance. */
export function sizeOfHead({ conditions }: OpenedIndex, scan: number): number {
  return Math.min(Math.ceil(scan / (conditions.thinnedShare ?? 1)), Math.max(scan, abi.LARGEST_THINNED));
}

interface ThinnedHead {
  readonly k: number;
  readonly scan: number;
  /** The least part of `scan` that is enough. */
  readonly full: number;
  /** The size to begin with, as a number of classes that are left if the bitmap leaves its share of them. */
  readonly size: number;
}

/**
 * Makes the proposal with a head of about `scan` classes of the bitmap, and at least k, and draws a pilot from its tail, with
 * random numbers of its own so that the estimate stays unbiased. Returns false where weights do better: the head would have
 * to be too large, or too little of the tail is left.
 */
function proposeThinned(opened: OpenedIndex, { k, scan, full, size: first }: ThinnedHead, seed: bigint): boolean {
  const { conditions, kernels, plan } = opened;
  const share = conditions.thinnedShare as number;
  const wanted = Math.min(Math.max(scan * full, k), conditions.allowedCount);
  for (let size = Math.min(Math.ceil(Math.max(first, k) / share), abi.LARGEST_THINNED); size <= abi.LARGEST_THINNED; ) {
    weighed(opened).propose(plan.layout, size, k);
    const left = read(opened, structs.SEARCH_HEAD_COUNT) - conditions.changedCount;
    if (left >= wanted) {
      kernels.pilotThinned(plan.layout, PILOT_DRAWS, seed ^ PILOT_SEED);
      return !(read(opened, structs.SEARCH_KEPT_SHARE) < LEAST_SHARE * share); // without a tail it is NaN
    }
    size = Math.ceil(size * Math.max(wanted / (full * Math.max(left, 1)), 1 / full));
  }
  return false;
}

/** The draws to make, and the error of log Ẑ to expect of them. */
interface ThinnedDraws {
  readonly made: number;
  readonly error: number;
}

/**
 * Returns the number of draws from the tail in place that should give the error of `draws` draws with the weights of the
 * bitmap, or an error of SMALL_ERROR if that takes fewer, as estimated by the pilot. At least `draws`.
 *
 * With weights, x has the variance σ² about a mean of 1. Here x is multiplied by A, the part of a bucket that is left. So the
 * variance is (1 + σ²) v − 1, where v is the mean of A² over the squared mean of A.
 */
function drawsToMake(opened: OpenedIndex, draws: number): ThinnedDraws {
  if (read(opened, structs.SEARCH_TAIL_TOTAL) === 0) return { made: draws, error: 0 };
  const { kernels, header, plan } = opened;
  const share = read(opened, structs.SEARCH_KEPT_SHARE);
  const seen = read(opened, structs.SEARCH_KEPT_SQUARE) / (share * share) - 1;
  const unevenness = Math.max(seen, leastUnevenness(opened));
  kernels.tailSpread(plan.layout);
  const spread = kernels.exp64(Math.min(read(opened, structs.SEARCH_TAIL_LOG_SPREAD), 1)) - 1;
  const variance = modelShare(header.facts.hasFineCodes) * spread;
  const asGood = draws * Math.min(1 + unevenness * (1 + 1 / Math.max(variance, LEAST_VARIANCE)), MOST_MORE);
  const tail = share * expOf(opened, logTailOverHead(opened));
  const errorOfOne = (tail / (1 + tail)) * Math.sqrt((1 + spread) * (1 + unevenness) - 1);
  const enough = Math.max((errorOfOne / SMALL_ERROR) ** 2, draws);
  const made = Math.ceil(Math.min(asGood, enough, Math.max(draws, abi.MOST_THINNED_DRAWS)));
  return { made, error: errorOfOne / Math.sqrt(made) };
}
