import type { RowType } from "../../format/facts.ts";
import { LARGEST_SIZE } from "../../format/recall-curve.ts";

/** Fewest codes read. The numbers that are tried double, with one half-way between each two. */
const LEAST_SCAN = 1024;
/** Numbers of rows that are scored exactly. For k only those of at least k are tried. */
const RESCORES = [10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000];

/** Most rows that are rescored. */
export const MOST_RESCORED = Math.max(...RESCORES);

/** The numbers of classes that topK found with each setting, summed over the queries of a kind. */
export interface RecallTally {
  readonly itemCount: number;
  readonly rows: RowType;
  /** The number of queries of each kind. */
  readonly queryCounts: readonly number[];
  /** The number of parts that answer together, 1 for an index by itself. */
  readonly partCount: number;
  /** The numbers of codes that were read, ascending, in all parts together. */
  readonly scans: readonly number[];
  /** The numbers of rows that were scored exactly, descending, in each part. */
  readonly rescores: readonly number[];
  /** f64 (kinds, CURVE_KS, scans, rescores): the number of the k best stored rows that were found. */
  readonly hits: Float64Array;
  /** The sum of the squares of that number, of the same shape. */
  readonly squares: Float64Array;
  /** f64 (kinds, CURVE_KS): the rows that a scan reads in the time of exact answers, summed over the queries of a kind. */
  readonly exactRows: Float64Array;
}

/** Returns the number of queries of each kind. */
export const queryCountsOf = (queryCount: number, kindCount: number): number[] =>
  Array.from({ length: kindCount }, (_, kind) => Math.ceil(Math.max(0, queryCount - kind) / kindCount));

/** Returns the numbers of codes to read that are tried, ascending up to all, or to the largest that an index file can state. */
export function scansOf(itemCount: number, largest = LARGEST_SIZE): number[] {
  const scans: number[] = [];
  const most = Math.min(itemCount, largest);
  for (let scan = LEAST_SCAN; scan < most; scan *= 2) scans.push(scan, 1.5 * scan);
  return [...scans.filter((scan) => 1.2 * scan < most), most];
}

/** Returns the numbers of rows to score exactly that are tried, descending. */
export const rescoresOf = (itemCount: number): number[] =>
  [...new Set(RESCORES.map((rescore) => Math.min(rescore, itemCount)))].reverse();
