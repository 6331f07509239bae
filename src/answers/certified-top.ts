import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { BLOCK_ROWS, scanForTop } from "./full-scan.ts";
import { DEFAULT_SCAN } from "./options.ts";
import { scanBySevenBits } from "./seven-bit-scan.ts";

/** If buckets that cannot be excluded hold more than this share of the classes, reading all rows in order is faster. */
const MOST_CANDIDATES = 0.6;

/** If they hold more than this share and there are fine codes, bounds by fine codes are faster. */
const MOST_BESIDE_CODES = 0.03;

/** Without fine codes, up to this many heads of classes, a scan takes no longer than a first answer with bounds. */
const SMALL = 16;

/**
 * The number of groups that are sampled to see whether bounds help. Looking at all 256 takes a tenth of a scan of
 * 100,000 classes.
 */
const SAMPLED_GROUPS = 16;

/**
 * For the first threshold: the number of codes to read, where there are any, and of rows to score, in multiples of k.
 */
const CODED = 4096;
const RESCORED = 5;

/**
 * Finds the k best of all classes with certainty (docs/method.md, 5), leaves them in topIds and topScores, and returns
 * the number of rows read. A first answer gives a threshold. Buckets and then classes whose bound is below it are
 * excluded. The others are scored, which raises the threshold.
 */
export function certifyTop(opened: OpenedIndex, k: number): number {
  const { kernels, plan, header, conditions } = opened;
  const { layout, regions } = plan;
  const { allowedCount } = conditions;
  if (k === 0) {
    write(opened, structs.SEARCH_TOP_COUNT, 0);
    return 0;
  }
  const { hasFineCodes } = header.facts;
  if (!hasFineCodes && allowedCount <= SMALL * Math.min(DEFAULT_SCAN, plan.maxScan)) return scanForTop(opened, k);
  const { threshold: first, ...before } = firstThreshold(opened, k);
  let { scored } = before;
  kernels.prepareBounds(layout);
  const stride = Math.max(1, Math.floor(2 ** header.facts.bits / SAMPLED_GROUPS));
  const most = hasFineCodes ? MOST_BESIDE_CODES : MOST_CANDIDATES;
  if (kernels.candidateShare(layout, first, stride) > most || kernels.candidates(layout, first) > most * allowedCount) {
    return scored + (hasFineCodes ? certifyByCodes(opened, k, first) : scanFrom(opened, k, first));
  }
  const worst = new Float32Array(kernels.memory.buffer, regions.topScores, 1);
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

/** Scans all rows, k of which reach `threshold`. */
function scanFrom(opened: OpenedIndex, k: number, threshold: number): number {
  const { kernels, header } = opened;
  const sevenBits = header.facts.rows === "i8" && kernels.hasRelaxedDot() === 1;
  return sevenBits ? scanBySevenBits(opened, k, threshold) : scanForTop(opened, k);
}

/** Certifies by the fine codes of all classes and bounds of their errors, which are closer than those of buckets. */
function certifyByCodes(opened: OpenedIndex, k: number, threshold: number): number {
  const { kernels, plan } = opened;
  const scored = kernels.certifyByCodes(plan.layout, k, threshold);
  if (scored < 0) return scanForTop(opened, k);
  kernels.topSort(plan.layout);
  return scored;
}

/**
 * Finds a score that k classes reach, close to that of the k-th best, and puts the sub-scores in place. −∞ if fewer
 * than k are found. It comes from fine codes, and every class has then still to be examined, or from a head, whose
 * classes are in the answer already.
 */
function firstThreshold(opened: OpenedIndex, k: number): { readonly threshold: number; readonly scored: number } {
  const { kernels, plan, header } = opened;
  const { layout, regions } = plan;
  const kth = (index: number): number =>
    read(opened, structs.SEARCH_TOP_COUNT) < k
      ? Number.NEGATIVE_INFINITY
      : (new Float32Array(kernels.memory.buffer, regions.topScores, k)[index] as number);
  if (header.facts.hasFineCodes) {
    kernels.scanTop(layout, k, CODED, Math.min(RESCORED * k, plan.maxScan));
    const threshold = kth(k - 1);
    kernels.subScores(layout);
    write(opened, structs.SEARCH_HEAD_BUCKET_COUNT, 0);
    write(opened, structs.SEARCH_TOP_COUNT, 0);
    return { threshold, scored: read(opened, structs.SEARCH_SCORED) };
  }
  kernels.propose(layout, Math.min(DEFAULT_SCAN, plan.maxScan), k);
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  const scored = read(opened, structs.SEARCH_HEAD_COUNT);
  kernels.topPush(layout, regions.headPositions, regions.headScores, scored, k);
  return { threshold: kth(0), scored };
}
