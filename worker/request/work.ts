import { CODED_HEAD, choosePoint, DEFAULT_DRAWS, DEFAULT_RECALL, DEFAULT_SCAN } from "../../src/internal.ts";
import type { MultiIndex } from "../../src/public.ts";
import { MAX_SCAN } from "../contract/limits.ts";
import { Problem } from "../contract/problem.ts";
import type { Conditions } from "./conditions.ts";

/*
 * These functions count what one vector costs, from above; conditions are put in place once a request. Other
 * things than multiply-adds are counted as those that 2.4 G/s would do in the same time (measured, layers of 100,000 and
 * 1,000,000 classes). What is done once for an index isn't counted: loading it, and the norms that bounds are made of.
 */

type Sizes = Pick<
  MultiIndex["info"],
  "itemCount" | "dim" | "codewordCount" | "bucketCount" | "largestBucket" | "hasBias" | "hasFineCodes"
>;

/** To look a value of a row up by its fine code. */
const CODE = 1 / 8;
/** A draw of the proposal, beside the row that is scored: 110 ns. */
const DRAW = 256;
/** To write a number of an answer as JSON: 0.6 µs. */
const NUMBER = 1400;
/** To read a value of a stored row and write it as JSON, one of many: 0.17 µs. */
const ROW_VALUE = 400;
/** To weigh a class by its code: 3 ns. */
const WEIGH_CODE = 8;
/** To weigh a class again: 5 ns. */
const WEIGH = 16;
/** And its bucket: 30 ns. */
const WEIGH_BUCKET = 80;
/** To filter a class by its id: 60 ns. */
const FILTER = 144;
/** To find a class by its id, and whether it takes part, and to fetch its row: 0.4 µs. */
const FIND = 1000;
/** To find a feature by its name: 1 µs. */
const NAME = 2400;
/** To add a value of a feature to a query, times its position's: 4 ns. */
const VALUE = 10;
/** To bound a bucket from both sides: two exponentials. */
const BOUND = 16;
/** To read the clock of a class: 30 ns. */
const CLOCK = 96;
/** An arrival of the tail: 140 ns. */
const ARRIVAL = 384;
/** To find an exact draw in its block of 1,024 classes. */
const WALK = 2048;

/** Heads tried at most where they grow fourfold up to MAX_SCAN: from none, one class and so on. */
const HEADS = 10;
/** "auto" begins with this head, and looks at each head with so many draws. */
const FIRST_HEAD = 1024;
const PILOT_DRAWS = 64;
/** Arrivals that distinct draws wait for, before they read all clocks. */
const LEAST_ARRIVALS = 4096;
const ARRIVALS_A_KEY = 16;

export interface Effort {
  /** Head budget; the library's default where nothing is said. */
  readonly scan?: number | "auto";
  /** Head of the proposal by fine codes. */
  readonly rescore?: number;
  /** As for scan. */
  readonly draws?: number;
  /** All rows instead. */
  readonly exact: boolean;
}

interface SampleEffort extends Effort {
  readonly scan?: number;
  readonly draws: number;
}

/** A head of `rows` classes, and draws: look-up of both codebooks, one step per bucket, and the rows that are scored. */
function headWork(sizes: Sizes, rows: number, draws: number): number {
  const { itemCount, dim, codewordCount, bucketCount } = sizes;
  return 2 * codewordCount * dim + bucketCount + Math.min(rows, itemCount) * dim + draws * (dim + DRAW);
}

/** A head by the fine codes of all classes, and draws. */
function codedWork(sizes: Sizes, rows: number, draws: number): number {
  const { itemCount, dim } = sizes;
  return headWork(sizes, rows, draws) + Math.ceil(itemCount * (dim * CODE + WEIGH_CODE));
}

/** A query of so many features. */
export const bagWork = (dim: number, features: number): number => features * (NAME + dim * VALUE);

/** `topK` as it is by default: by fine codes, where their recall was measured. */
export function topWork(info: MultiIndex["info"], k: number): number {
  return searchWork(info, k) + 2 * k * NUMBER;
}

function searchWork(info: MultiIndex["info"], k: number): number {
  const point = info.hasFineCodes ? choosePoint(info.recallCurves, k, DEFAULT_RECALL) : { reached: 0 };
  if ("reached" in point) return headWork(info, Math.max(k, DEFAULT_SCAN), 0);
  return headWork(info, Math.max(k, point.rescore), 0) + Math.ceil((point.scan + info.largestBucket) * info.dim * CODE);
}

/** To give so many ids, or to find them. */
export const namesWork = (count: number): number => count * (FIND + NUMBER);

/** To give so many classes with `dim` values of their rows. */
export const vectorsWork = (count: number, dim: number): number => count * dim * ROW_VALUE;

/** `predict`. */
export function predictWork(sizes: Sizes, effort: Effort, k: number): number {
  return estimateWork(sizes, effort, k) + 3 * k * NUMBER;
}

/** The work that every estimate takes, with a head of `k` classes at least. */
export function estimateWork(sizes: Sizes, effort: Effort, k = 0): number {
  const { scan = DEFAULT_SCAN, rescore, draws = DEFAULT_DRAWS, exact } = effort;
  if (exact) return sizes.itemCount * sizes.dim;
  if (rescore !== undefined) return codedWork(sizes, Math.max(rescore, k), draws);
  if (scan !== "auto") return headWork(sizes, Math.max(scan, k), draws);
  const coded = sizes.hasFineCodes ? 2 * codedWork(sizes, CODED_HEAD, Math.max(draws, PILOT_DRAWS)) : 0;
  return headWork(sizes, FIRST_HEAD, draws) + growthWork(sizes, Math.max(draws, PILOT_DRAWS)) + coded;
}

/** `logProbability` of so many classes. */
export function logProbabilityWork(sizes: Sizes, effort: Effort, classes: number): number {
  return estimateWork(sizes, effort) + classes * (sizes.dim + FIND + NUMBER);
}

/** `logPartition`: with bounds, and all that may bring them together. */
export function logPartitionWork(sizes: Sizes, effort: Effort, tolerance: number | undefined): number {
  const growth = tolerance === undefined || effort.exact ? 0 : growthWork(sizes, effort.draws ?? DEFAULT_DRAWS);
  return estimateWork(sizes, effort) + BOUND * sizes.bucketCount + growth;
}

export function sampleWork(sizes: Sizes, { draws, scan = DEFAULT_SCAN, rescore, exact }: SampleEffort): number {
  const written = 3 * draws * NUMBER;
  if (exact) return growthWork(sizes, 0) + sizes.itemCount * sizes.dim + draws * WALK + written;
  return (rescore === undefined ? headWork(sizes, scan, draws) : codedWork(sizes, rescore, draws)) + written;
}

export function sampleTopKWork(sizes: Sizes, k: number, scan: number | undefined, exact: boolean): number {
  const heads = exact
    ? growthWork(sizes, 0) + grownRows(sizes) * CLOCK
    : headWork(sizes, Math.max(scan ?? DEFAULT_SCAN, k), 0);
  return heads + 4 * k * NUMBER + sizes.itemCount * CLOCK + (LEAST_ARRIVALS + ARRIVALS_A_KEY * (k + 1)) * ARRIVAL;
}

/**
 * Temperature and filter of a request. Twice: the weights stay as they are put, so the next request without conditions
 * has to put them back.
 */
export function conditionsWork(sizes: Sizes, { temperature = 1, exclude, allow }: Conditions): number {
  const { itemCount, bucketCount, largestBucket, hasBias } = sizes;
  const ids = (exclude?.length ?? 0) + (allow?.length ?? 0);
  const everything = allow !== undefined || (hasBias && temperature !== 1);
  const classes = everything ? itemCount : Math.min(itemCount, ids * largestBucket);
  const buckets = everything ? bucketCount : Math.min(bucketCount, ids);
  return 2 * (classes * WEIGH + buckets * WEIGH_BUCKET + ids * FILTER);
}

export function requireWork(work: number, maxWork: number): void {
  if (work <= maxWork) return;
  throw new Problem(
    "too_much_work",
    `the request needs ${work} multiply-adds, the limit is ${maxWork}: fewer queries, features or values, a smaller "scan" or "draws", ` +
      'or less of what can take all classes: "exact", "auto", "tolerance", "temperature", "exclude", "allow"',
  );
}

/** Heads, each at least twice the one before, then all rows. */
function growthWork(sizes: Sizes, draws: number): number {
  const { itemCount, dim, bucketCount } = sizes;
  const tries = HEADS * (headWork(sizes, 0, draws) + BOUND * bucketCount);
  return tries + (grownRows(sizes) + itemCount) * dim;
}

/** 1 + 1/2 + 1/4 … of the largest. */
function grownRows({ itemCount }: Sizes): number {
  return 2 * Math.min(MAX_SCAN, itemCount);
}
