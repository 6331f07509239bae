import {
  CODED_HEAD,
  DEFAULT_DRAWS,
  DEFAULT_SCAN,
  defaultPool,
  ESTIMATOR_WITHOUT_DISPERSIONS,
  effortForRecall,
  hasRecallCurve,
  isTriedAgain,
  LARGEST_HEAD,
  MOST_TIMES,
  mostDraws,
  readsAllAtOnce,
  scanOf,
  UNMEASURED,
} from "../../src/internal.ts";
import type { Diversity, MultiIndex, Proposal } from "../../src/public.ts";
import { MAX_DRAWS, MAX_K, MAX_SCAN } from "../contract/limits.ts";
import { Problem } from "../contract/problem.ts";

/*
 * These functions give upper bounds of the work for one query. Conditions are applied once per request, or for each query
 * that has its own. Operations other than multiply-adds count as the multiply-adds that take the same time at 2.4 G/s
 * (measured, layers of 100,000 and 1,000,000 classes). Work that is done once per index does not count: loading it, and
 * the norms behind the bounds.
 */

export type Sizes = Pick<
  MultiIndex["info"],
  | "calibration"
  | "itemCount"
  | "dim"
  | "rowType"
  | "codewordCount"
  | "bucketCount"
  | "outlierCount"
  | "largestBucket"
  | "hasBias"
  | "hasFineCodes"
>;

/** Multiply one value of int8 rows that are read in order, by a scan: 6 G/s. */
const BYTE_VALUE = 1 / 2;
/** Look up one value of a row by its fine code. */
export const CODE = 1 / 8;
/** Draw from the proposal, without scoring the row: 110 ns. */
const DRAW = 256;
/** Write one number of an answer as JSON: 0.6 µs. */
export const NUMBER = 1400;
/** Read one of many values of a stored row and write it as JSON: 0.17 µs. */
const ROW_VALUE = 400;
/** Weigh a class by its code: 3 ns. */
const WEIGH_CODE = 8;
/** Find a class by its id, check whether it takes part, and fetch its row: 0.4 µs. */
export const FIND = 1000;
/** Find a feature by its name: 1 µs. */
const NAME = 2400;
/** Add one value of a feature, multiplied by that of its position, to a query: 4 ns. */
const VALUE = 10;
/** Bound a bucket from both sides: two exponentials. */
export const BOUND = 16;
/** Compare one class of a pool with the best so far, and its similarity with the largest so far: 5 ns. */
const COMPARE = 12;

/** Most heads that are tried as they grow fourfold up to MAX_SCAN, from an empty head. */
const HEADS = 10;
/** The first head of "auto", and the pilot draws behind each head that it tries. */
const FIRST_HEAD = 1024;
const PILOT_DRAWS = 64;

export interface Effort {
  /** The default is "buckets". */
  readonly proposal?: Proposal;
  /** The size of the head. The default is the library's. */
  readonly scan?: number | "auto";
  /** The largest standard error. */
  readonly targetError?: number;
  /** The number of draws. The default is the library's. */
  readonly draws?: number;
  /** Scores all rows instead. */
  readonly exact: boolean;
  /** For one of several parts: its effort for the next question, which follows an answer that is flagged. */
  readonly again?: Effort;
}

interface PredictEffort extends Effort {
  readonly diversity?: Diversity;
}

/** A head of `rows` classes and the outliers, and draws: both codebooks, one step per bucket, and the rows scored. */
export function headWork(sizes: Sizes, rows: number = DEFAULT_SCAN, draws: number = DEFAULT_DRAWS): number {
  const { itemCount, dim, codewordCount, bucketCount, outlierCount } = sizes;
  const head = Math.min(rows + outlierCount, itemCount);
  return 2 * codewordCount * dim + bucketCount + head * dim + draws * (dim + DRAW);
}

/** A head by the fine codes of all classes, and draws. */
function codedWork(sizes: Sizes, rows: number, draws: number): number {
  const { itemCount, dim } = sizes;
  return headWork(sizes, rows, draws) + Math.ceil(itemCount * (dim * CODE + WEIGH_CODE));
}

/** Score all rows in order. */
export const scanWork = ({ itemCount, dim, rowType }: Sizes): number =>
  Math.ceil(itemCount * dim * (rowType === "i8" ? BYTE_VALUE : 1));

export const proposalWork = (proposal: Proposal | undefined, sizes: Sizes, rows: number, draws: number): number =>
  proposal === "codes" ? codedWork(sizes, rows, draws) : headWork(sizes, rows, draws);

/** Encode a query of `features` features. */
export const bagWork = (dim: number, features: number): number => features * (NAME + dim * VALUE);

/** `topK` with default options, which uses fine codes if their recall was measured. */
export function topWork(info: MultiIndex["info"], k: number): number {
  return searchWork(info, k) + 2 * k * NUMBER;
}

function searchWork(info: MultiIndex["info"], k: number): number {
  const { itemCount, dim, largestBucket } = info;
  const head = headWork(info, Math.max(k, DEFAULT_SCAN), 0);
  if (!hasRecallCurve(info)) return head;
  const { exact, scan, rescore } = effortForRecall(info, k, undefined, itemCount);
  if (exact) return scanWork(info);
  if (rescore === undefined) return head;
  return headWork(info, Math.max(k, rescore), 0) + Math.ceil((scan + largestBucket) * dim * CODE);
}

/** Find `count` ids, or write them. */
export const namesWork = (count: number): number => count * (FIND + NUMBER);

/** Write `dim` values of the rows of `count` classes. */
export const vectorsWork = (count: number, dim: number): number => count * dim * ROW_VALUE;

export function predictWork(sizes: Sizes, { diversity, ...effort }: PredictEffort, k: number): number {
  if (diversity === undefined || diversity.lambda === 1) return estimateWork(sizes, effort, k) + 3 * k * NUMBER;
  const pool = Math.min(diversity.pool ?? defaultPool(k, MAX_K), sizes.itemCount);
  // The squared length of each row of the pool, then the products of every class chosen with all of them.
  const products = (4 + k) * pool * sizes.dim + k * pool * COMPARE;
  return estimateWork(sizes, effort, Math.max(k, pool)) + products + 3 * k * NUMBER;
}

/** An estimate with a head of at least `k` classes. */
export function estimateWork(sizes: Sizes, effort: Effort, k = 0): number {
  const { proposal, draws = DEFAULT_DRAWS, exact, again } = effort;
  if (exact) return scanWork(sizes);
  const scan = scanOf(effort);
  if (scan === "auto") return autoWork(sizes, draws);
  if (again) {
    const second = flaggedOf(sizes) * estimateWork(sizes, again, k);
    return Math.ceil(proposalWork(proposal, sizes, Math.max(scan ?? DEFAULT_SCAN, k), draws) + second);
  }
  const first = proposalWork(proposal, sizes, Math.max(scan ?? DEFAULT_SCAN, k), draws);
  return Math.ceil(isTriedAgain(scan, proposal) ? workOfTries(sizes, draws, first) : first);
}

/**
 * The work of a default estimate whose first try is `first`. All rows may be read at once. An answer that is flagged is tried again,
 * and if this fails as well, all rows are read. This counts by the share of flagged answers in the calibration, so here work is a
 * mean. Counted for every query, it would refuse batches that take a third of it.
 */
function workOfTries(sizes: Sizes, draws: number, first: number): number {
  const { calibration, rowType: rows, dim, itemCount, bucketCount, hasFineCodes } = sizes;
  if (calibration.estimator === ESTIMATOR_WITHOUT_DISPERSIONS) return first;
  const [flagged, all] = [flaggedOf(sizes), scanWork(sizes)];
  const facts = { rows, dim, itemCount, bucketCount, hasFineCodes };
  if (readsAllAtOnce(facts, { scan: DEFAULT_SCAN, draws }, { ...UNMEASURED, ...calibration })) return all;
  const second = flagged * MOST_TIMES * first;
  return first + second + (all > MOST_TIMES * first ? flagged * flagged * all : 0);
}

/** The share of answers that are flagged. Where it is not known, it is the median of ten output layers, built plainly. */
const flaggedOf = ({ calibration: { flagged = 0.5 } }: Sizes): number => flagged;

/**
 * `"auto"`: heads that grow to a share of all classes, draws that grow to as many as their time allows, by fine codes twice,
 * and then all rows. Every try at least doubles the head or the draws of the last. While one of them grows, the other may
 * be made again: so the largest head counts once for every time that draws double, and the most draws likewise.
 */
function autoWork(sizes: Sizes, draws: number): number {
  const { itemCount, dim } = sizes;
  const most = Math.max(mostDraws(itemCount, dim, draws, MAX_DRAWS), PILOT_DRAWS);
  const largest = Math.max(FIRST_HEAD, Math.min(MAX_SCAN, Math.floor(itemCount * LARGEST_HEAD)));
  const heads = Math.ceil(Math.log2(largest / FIRST_HEAD));
  const more = Math.ceil(Math.log2(most / Math.max(draws, 1)));
  const tries = (1 + heads + more) * 2 * headWork(sizes, 0, 0);
  const coded = sizes.hasFineCodes ? 2 * codedWork(sizes, CODED_HEAD, most) : 0;
  return tries + (2 + more) * largest * dim + (2 + heads) * most * (dim + DRAW) + coded + scanWork(sizes);
}

/** `logProbability` of `classes` classes. */
export function logProbabilityWork(sizes: Sizes, effort: Effort, classes: number): number {
  return estimateWork(sizes, effort) + classes * (sizes.dim + FIND + NUMBER);
}

/** `logPartition` with its bounds, and with the growth of the head that a tolerance can take. */
export function logPartitionWork(sizes: Sizes, effort: Effort, tolerance: number | undefined): number {
  const growth = tolerance === undefined || effort.exact ? 0 : growthWork(sizes, effort.draws ?? DEFAULT_DRAWS);
  return estimateWork(sizes, effort) + BOUND * sizes.bucketCount + growth;
}

const LESS_WORK =
  'send fewer queries, items, features or values, a smaller "k", "pool", "scan" or "draws", or no "exact", "auto", "tolerance", "codes" or conditions';

/** Refuses a request that needs more work than the limit. `lessWork` says how to ask for less. */
export function requireWork(work: number, maxWork: number, lessWork: string = LESS_WORK): void {
  if (work <= maxWork) return;
  throw new Problem("too_much_work", `the request needs ${work} multiply-adds, the limit is ${maxWork}: ${lessWork}`);
}

/** Growing heads, each at least twice the previous one, then all rows. */
export function growthWork(sizes: Sizes, draws: number = DEFAULT_DRAWS): number {
  const tries = HEADS * (headWork(sizes, 0, draws) + BOUND * sizes.bucketCount);
  return tries + grownRows(sizes) * sizes.dim + scanWork(sizes);
}

/** The rows of all growing heads: 1 + 1/2 + 1/4 + … of the largest. */
export function grownRows({ itemCount }: Sizes): number {
  return 2 * Math.min(MAX_SCAN, itemCount);
}
