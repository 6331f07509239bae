import { timeOfSearch } from "../../answers/search-times.ts";
import { CURVE_KS, CURVE_POINTS, type RecallCurve, type RecallPoint } from "../../format/recall-curve.ts";
import type { RecallTally } from "./recall-settings.ts";

/** A point is left out if it finds less than this share of what the point before it misses. */
const LEAST_GAIN = 0.05;
/** The miss that a point with recall 1 counts with. */
const LEAST_MISS = 1e-4;

/** The kind of queries of a measurement, which decides how far it holds for other queries. */
export type RecallSource = "queries" | "stand-ins";

/**
 * The part of a measured recall that a curve promises: 1 − factor (miss + standard error). Queries of users find the mean but
 * for its standard error. Stand-ins are of other kinds, so more is left. With this margin every head of bench/trust, whose
 * real queries are known, keeps its recall (docs/trust.md).
 */
const FACTORS: Readonly<Record<RecallSource, number>> = { queries: 1, "stand-ins": 1.25 };
/**
 * With fewer queries, the cheapest of many settings that found enough was often only lucky. Asked for .9 of the 10 best of 20,000
 * normal rows, topK found .72 to .85 if the curve was measured with one or four queries, and .91 with sixteen.
 */
const FEW_QUERIES = 32;

/**
 * Makes the recall curve of each k of CURVE_KS, of what the kind of queries found that found least. None without queries. A
 * curve ends where exact answers take less time, those to the first kind of queries, which is the one to expect.
 */
export function curvesOf(tally: RecallTally, source: RecallSource): RecallCurve[] {
  const { itemCount, partCount, scans, rescores } = tally;
  const largest = rescores[0] ?? 0;
  const kinds = foundByKind(tally);
  return CURVE_KS.map((curveK, c) => {
    const k = Math.min(curveK, itemCount);
    const candidates: RecallPoint[] = [];
    for (const [s, scan] of scans.entries()) {
      for (const [r, rescore] of rescores.entries()) {
        // A part answers with k classes, so it scores as many exactly, or all of its own.
        if (rescore < Math.min(k, largest) || k === 0 || kinds.length === 0) continue;
        const at = (c * scans.length + s) * rescores.length + r;
        const recall = Math.min(...kinds.map((found) => promisedRecall(found(at), k, source)));
        candidates.push({ scan, rescore: Math.min(partCount * rescore, itemCount), recall });
      }
    }
    const timeOf = (point: RecallPoint): number => timeOfSearch(tally, point);
    return { k: curveK, points: untilExact(bestPoints(candidates, timeOf), timeOf, exactTimeOf(tally, c)) };
  });
}

/** Returns the mean time of exact answers to queries of the first kind, in units of a full scan. */
const exactTimeOf = ({ itemCount, queryCounts, exactRows }: RecallTally, curve: number): number =>
  (exactRows[curve] as number) / ((queryCounts[0] as number) * itemCount);

/** The hits of topK among the k best classes with one setting, summed over queries. */
interface Found {
  readonly queryCount: number;
  readonly hits: number;
  /** The sum of the squares of what was found for each query. */
  readonly squares: number;
}

/** Returns for each kind that has queries what it found, by the place of a setting in (CURVE_KS, scans, rescores). */
function foundByKind({ queryCounts, hits, squares }: RecallTally): ((at: number) => Found)[] {
  const size = hits.length / queryCounts.length;
  const finders = queryCounts.map((queryCount, kind) => (at: number): Found => {
    const place = kind * size + at;
    return { queryCount, hits: hits[place] as number, squares: squares[place] as number };
  });
  return finders.filter((_, kind) => (queryCounts[kind] as number) > 0);
}

/**
 * Returns the recall that a point promises. The standard error counts one more query, which misses one class: so a few
 * queries that miss nothing are no proof that others miss nothing, and a recall of 1 is left to exact answers.
 */
export function promisedRecall({ queryCount, hits, squares }: Found, k: number, source: RecallSource): number {
  const miss = 1 - hits / (queryCount * k);
  const all = queryCount + 1;
  const sum = hits + k - 1;
  const variance = Math.max(0, squares + (k - 1) ** 2 - sum ** 2 / all) / queryCount;
  const standardError = Math.sqrt(variance / all) / k;
  const luck = source === "queries" ? Math.max(0, FEW_QUERIES / queryCount - 1) / 2 : 0;
  return 1 - FACTORS[source] * (1 + luck) * (miss + standardError);
}

const missOf = (recall: number): number => Math.max(1 - recall, LEAST_MISS);

type TimeOf = (point: RecallPoint) => number;

/** Keeps the points that find more than every point that takes less time. */
function bestPoints(candidates: readonly RecallPoint[], timeOf: TimeOf): RecallPoint[] {
  const best: RecallPoint[] = [];
  for (const { scan, rescore, recall } of [...candidates].sort((a, b) => timeOf(a) - timeOf(b))) {
    const before = best.at(-1)?.recall ?? 0;
    if (missOf(recall) < (1 - LEAST_GAIN) * missOf(before)) best.push({ scan, rescore, recall: Math.fround(recall) });
  }
  return best;
}

/** Removes the points that take longer than exact answers, but for the first, and those that do not fit into the file. */
const untilExact = (points: readonly RecallPoint[], timeOf: TimeOf, exactTime: number): RecallPoint[] =>
  thinOut(points.filter((point, i) => i === 0 || timeOf(point) < exactTime));

/**
 * Removes the points that find the smallest share of what the points before them miss, until the rest fit into the file.
 * The last point always stays.
 */
function thinOut(points: RecallPoint[]): RecallPoint[] {
  const kept = points.slice();
  const share = (i: number): number => missOf((kept[i] as RecallPoint).recall) / missOf(kept[i - 1]?.recall ?? 0);
  while (kept.length > CURVE_POINTS) {
    let least = 0;
    for (let i = 1; i < kept.length - 1; i++) if (share(i) > share(least)) least = i;
    kept.splice(least, 1);
  }
  return kept;
}
