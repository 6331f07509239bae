import * as structs from "../../build/structs.ts";
import { CODE_BLOCK } from "../abi.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { weighed } from "../memory/weighed.ts";
import { streamsAllowed } from "./allowed-head.ts";
import { offerChanged } from "./changed-classes.ts";
import { scanForTop } from "./full-scan.ts";
import { DEFAULT_SCAN } from "./options.ts";
import { offerOutliers } from "./outliers.ts";
import { BLOCK_ROWS } from "./row-blocks.ts";
import { CANDIDATE, CODED_CANDIDATE, CODES, timeOfSearch } from "./search-times.ts";
import { scanBySevenBits } from "./seven-bit-scan.ts";
import { proposeLeft } from "./thinning.ts";

/** Up to this many heads of classes, a scan takes no longer than a first answer with bounds. */
const QUICK_HEADS = 16;

/**
 * The number of groups and of blocks of fine codes that are sampled to see whether bounds help. Looking at all 256
 * groups takes a tenth of a scan of 100,000 classes. 256 blocks take 60 µs where they are not in the caches.
 */
const SAMPLED_GROUPS = 16;
const SAMPLED_BLOCKS = 64;

/**
 * The number of rows whose codes give a first threshold, and of those that are scored for it beside the k best. With a
 * head of 1,024 rows in their place, exact answers from 100,000 word vectors took 641 µs in the median, and take 486.
 */
const FIRST_CODES = 8192;
const FIRST_SCORED = 64;

/**
 * Finds the k best of all classes with certainty (docs/method.md, 5), leaves them in topIds and topScores, and returns the
 * number of rows read. A head, or the best by fine codes, give a first threshold. Buckets, and then classes, are excluded if
 * their bound is below it. The others are scored, which raises the threshold. Where bounds by buckets leave too much, fine
 * codes or a scan of all rows answer, whichever should be faster.
 */
export function certifyTop(opened: OpenedIndex, k: number): number {
  const { plan } = opened;
  if (k === 0) {
    write(opened, structs.SEARCH_TOP_COUNT, 0);
    return 0;
  }
  if (isQuicklyScanned(opened)) return scanForTop(opened, k);
  if (opened.header.facts.hasFineCodes) {
    const threshold = thresholdByCodes(opened, k);
    return read(opened, structs.SEARCH_SCORED) + certifyFrom(opened, k, threshold, true);
  }
  const head = Math.min(DEFAULT_SCAN, plan.maxScan);
  const { threshold, scored } = firstThreshold(opened, head, k);
  return scored + certifyFrom(opened, k, threshold);
}

/**
 * Estimates the time of certifyTop for the query in place, in units of a full scan, in an index with fine codes. The norms that
 * bounds need must be measured (measureBounds).
 */
export function timeToCertify(opened: OpenedIndex, k: number): number {
  const { itemCount, rows } = opened.header.facts;
  if (isQuicklyScanned(opened)) {
    const changes = k * (1 + opened.kernels.log64(itemCount / Math.max(k, 1))); // of the k best, in a scan from a random order
    return 1 + (CODED_CANDIDATE[rows] * changes) / Math.max(itemCount, 1);
  }
  const threshold = thresholdByCodes(opened, k);
  const first = timeOfSearch(opened.header.facts, { scan: FIRST_CODES, rescore: read(opened, structs.SEARCH_SCORED) });
  opened.kernels.prepareBounds(opened.plan.layout);
  const byBuckets = timeByBuckets(opened, threshold);
  return first + Math.min(byBuckets, timeByCodes(opened, threshold), 1);
}

/** Returns whether a scan takes no longer than a first answer with bounds. */
export function isQuicklyScanned(opened: OpenedIndex): boolean {
  const { plan, header, conditions } = opened;
  const { hasFineCodes, rows } = header.facts;
  if (streamsAllowed(opened, 0)) return true; // bounds would weigh all buckets
  const head = Math.min(DEFAULT_SCAN, plan.maxScan);
  // Rows of 16 and 32 bits take so much longer than codes that bounds help small indexes too.
  return conditions.allowedCount <= QUICK_HEADS * head && !(hasFineCodes && rows !== "i8");
}

/**
 * Extends a head in place, whose best classes are in topIds and topScores, to the k best of all classes that reach
 * `threshold`. If fewer than k classes reach it, classes below it may be among them. Returns the number of rows read.
 * `isHeadless` says that only the sub-scores are in place.
 */
export function certifyFrom(opened: OpenedIndex, k: number, threshold: number, isHeadless = false): number {
  const { kernels, plan, header, batches, conditions } = opened;
  if (batches?.ahead?.masses === "none") return scanForTop(opened, k); // it chose this before
  kernels.prepareBounds(plan.layout);
  const certifyBuckets = (): number =>
    (isHeadless ? offerApart(opened, k) : 0) + certifyByBuckets(opened, k, threshold);
  const byBuckets = timeByBuckets(opened, threshold);
  if (byBuckets <= CODES[header.facts.rows]) return certifyBuckets();
  const byCodes = header.facts.hasFineCodes ? timeByCodes(opened, threshold) : Number.POSITIVE_INFINITY;
  if (byBuckets <= Math.min(byCodes, 1)) return certifyBuckets();
  conditions.filterRows(opened); // these scans look into no bitmap
  return byCodes <= 1 ? certifyByCodes(opened, k, threshold) : scanFrom(opened, k, threshold);
}

/**
 * Finds a score that k classes reach, close to that of the k-th best: −∞ if there are fewer in the head. Leaves the
 * head's best in topIds and topScores, and the sub-scores in place.
 */
function firstThreshold(
  opened: OpenedIndex,
  head: number,
  k: number,
): { readonly threshold: number; readonly scored: number } {
  const { kernels, plan } = opened;
  const { layout, regions } = plan;
  proposeLeft(opened, head, k);
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  const scored = read(opened, structs.SEARCH_HEAD_COUNT);
  kernels.topPush(layout, regions.headPositions, regions.headScores, scored, k);
  const isFull = read(opened, structs.SEARCH_TOP_COUNT) === k;
  return { threshold: isFull ? (worstOf(opened)[0] as number) : Number.NEGATIVE_INFINITY, scored };
}

/** Finds a first threshold from the best by code of a part of all rows. It leaves an empty head and the sub-scores in place. */
function thresholdByCodes(opened: OpenedIndex, k: number): number {
  const { kernels, plan, floats } = opened;
  kernels.scanTop(plan.layout, k, FIRST_CODES, Math.min(k + FIRST_SCORED, Math.max(k, plan.maxScan)));
  kernels.subScores(plan.layout);
  write(opened, structs.SEARCH_HEAD_BUCKET_COUNT, 0);
  const isFull = read(opened, structs.SEARCH_TOP_COUNT) === k;
  return isFull ? (floats[plan.regions.topScores / 4 + k - 1] as number) : Number.NEGATIVE_INFINITY; // they are sorted
}

/** Returns the worst of the k best while they are collected. */
const worstOf = ({ kernels, plan }: OpenedIndex): Float32Array =>
  new Float32Array(kernels.memory.buffer, plan.regions.topScores, 1);

/** Estimates the time of certifyByBuckets, in units of a full scan, and lists the candidates unless they are too many. */
function timeByBuckets(opened: OpenedIndex, threshold: number): number {
  const { plan, header, conditions } = opened;
  const kernels = weighed(opened); // a head has weighed the buckets already, fine codes have not
  const stride = Math.max(1, Math.floor(2 ** header.facts.bits / SAMPLED_GROUPS));
  const sampled = CANDIDATE * kernels.candidateShare(plan.layout, threshold, stride);
  const counted = conditions.allowedCount / (conditions.thinnedShare ?? 1);
  return sampled > 1 ? sampled : (CANDIDATE * kernels.candidates(plan.layout, threshold)) / counted;
}

/** Estimates the time of certifyByCodes in the same units, and makes the tables of the query. */
function timeByCodes({ kernels, plan, header }: OpenedIndex, threshold: number): number {
  const stride = Math.max(1, Math.floor(header.facts.itemCount / CODE_BLOCK / SAMPLED_BLOCKS));
  kernels.fineTables(plan.layout);
  const { rows } = header.facts;
  return CODES[rows] + CODED_CANDIDATE[rows] * kernels.codedShare(plan.layout, threshold, stride);
}

/** Scores the candidates in place that may reach the threshold, and returns how many. The head is in the answer. */
function certifyByBuckets(opened: OpenedIndex, k: number, first: number): number {
  const { kernels, plan } = opened;
  const { layout, regions } = plan;
  const worst = worstOf(opened);
  let scored = 0;
  for (;;) {
    const isFull = read(opened, structs.SEARCH_TOP_COUNT) === k;
    const threshold = isFull ? Math.max(first, worst[0] as number) : first;
    const count = kernels.survivors(layout, threshold, BLOCK_ROWS);
    if (count === 0) break;
    kernels.scorePositions(layout, regions.drawPositions, count, regions.drawScores);
    kernels.topPush(layout, regions.drawPositions, regions.drawScores, count, k);
    scored += count;
  }
  kernels.topSort(layout);
  return scored;
}

/** Certifies by the fine codes of all classes and bounds of their errors, which are closer than those of buckets. */
function certifyByCodes(opened: OpenedIndex, k: number, threshold: number): number {
  const { kernels, plan } = opened;
  const apart = offerApart(opened, k); // the rows that gave the threshold are scored again
  const scored = kernels.certifyByCodes(plan.layout, k, threshold);
  kernels.topSort(plan.layout);
  return apart + scored;
}

/** Begins to collect the k best with the classes that lie in no bucket, and returns their number. */
function offerApart(opened: OpenedIndex, k: number): number {
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  return offerOutliers(opened, k) + offerChanged(opened, k);
}

/** Scans all rows. At least k of them must reach `threshold`. */
function scanFrom(opened: OpenedIndex, k: number, threshold: number): number {
  const { kernels, header, batches } = opened;
  const isForBlock = batches?.collectsMany && !header.facts.residuals;
  const sevenBits = !isForBlock && header.facts.rows === "i8" && kernels.hasRelaxedDot() === 1;
  return sevenBits ? scanBySevenBits(opened, k, threshold) : scanForTop(opened, k);
}
