import * as structs from "../../../build/structs.ts";
import { offerOutliers } from "../../answers/outliers.ts";
import type { IndexSource } from "../../bytes/byte-source.ts";
import { CURVE_KS, CURVE_POINTS, LARGEST_SIZE, type RecallCurve, type RecallPoint } from "../../format/recall-curve.ts";
import { limitsOf } from "../../memory/load-options.ts";
import { type OpenedIndex, openIndex, read, write } from "../../memory/opened-index.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { Task, WorkerPool } from "../runtime/worker-pool.ts";
import type { QueryTools, RecallQueries } from "../stand-ins/best-rows.ts";

/** Fewest codes read. The numbers that are tried double, with one half-way between each two. */
const LEAST_SCAN = 1024;
/** Numbers of rows that are scored exactly. For k only those of at least k are tried. */
const RESCORES = [10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000];

/** Cost of scoring a row exactly, relative to reading a code: 25 ns against 1.5 ns at 100 values. */
const RESCORE_COST = 16;

/** A point is left out if it finds less than this share of what the point before it misses. */
const LEAST_GAIN = 0.05;
/** The miss that a point with recall 1 counts with. */
const LEAST_MISS = 1e-4;

/** Larger than every rank of a true neighbour. */
const NO_RANK = 255;

/** Most rows that are rescored. A query that is a row needs one more. */
export const MOST_RESCORED = Math.max(...RESCORES) + 1;

interface RecallPlan extends RecallQueries {
  readonly file: IndexSource;
  /** The true neighbours of each query, best first. */
  readonly truth: readonly Int32Array[];
  readonly itemCount: number;
}

/** Measures the recall curve of topK for each k of CURVE_KS. */
export async function measureCurves(
  pool: WorkerPool<QueryTools>,
  plan: RecallPlan,
  yieldIfDue: YieldIfDue,
): Promise<RecallCurve[]> {
  const candidates: RecallPoint[][] = CURVE_KS.map(() => []);
  const scans = plan.truth.length > 0 ? scansOf(plan.itemCount) : [];
  for await (const found of pool.map(measureRecall, plan, scans)) {
    for (const [i, points] of found.entries()) candidates[i]?.push(...points);
    await yieldIfDue();
  }
  return CURVE_KS.map((k, i) => ({ k, points: bestPoints(candidates[i] as RecallPoint[]) }));
}

function scansOf(itemCount: number): number[] {
  const scans: number[] = [];
  const most = Math.min(itemCount, LARGEST_SIZE);
  for (let scan = LEAST_SCAN; scan < most; scan *= 2) scans.push(scan, 1.5 * scan);
  return [...scans.filter((scan) => 1.2 * scan < most), most];
}

const missOf = (recall: number): number => Math.max(1 - recall, LEAST_MISS);

/** Keeps the points that find more than every point of less work. */
function bestPoints(candidates: readonly RecallPoint[]): RecallPoint[] {
  const cost = ({ scan, rescore }: RecallPoint): number => scan + RESCORE_COST * rescore;
  const best: RecallPoint[] = [];
  for (const { scan, rescore, recall } of [...candidates].sort((a, b) => cost(a) - cost(b))) {
    const before = best.at(-1)?.recall ?? 0;
    if (missOf(recall) < (1 - LEAST_GAIN) * missOf(before)) best.push({ scan, rescore, recall: Math.fround(recall) });
  }
  return thinOut(best);
}

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

/**
 * A piece is a number of codes to read. Its result has, for each k of the curves, the recall by the number of rows that are
 * rescored: the share of the k true neighbours that topK finds, averaged over the queries.
 *
 * The best R rows by code are among the best of any larger number, so one scan serves every R.
 */
export const measureRecall: Task<QueryTools, RecallPlan, number, RecallPoint[][]> = async ({ modules }, plan) => {
  const { file, queries, rows, truth, itemCount } = plan;
  const opened = await openIndex(modules, file, limitsOf({ maxScan: MOST_RESCORED }));
  const { dim } = opened.header.facts;
  const query = new Float32Array(opened.kernels.memory.buffer, opened.plan.regions.query, dim);
  const ks = CURVE_KS.map((k) => Math.min(k, itemCount));
  const rescores = [...new Set(RESCORES.map((rescore) => Math.min(rescore, itemCount)))].reverse();
  const scoreOf = new Float32Array(itemCount); // by position
  const rankOf = new Uint8Array(itemCount).fill(NO_RANK); // by id, for the true neighbours of a query
  return (scan) => {
    const found = ks.map(() => new Map<number, number>());
    const expected = ks.map(() => 0);
    for (const [i, neighbours] of truth.entries()) {
      query.set(queries.subarray(i * dim, (i + 1) * dim));
      opened.kernels.prepareQuery(opened.plan.layout);
      for (const [rank, id] of neighbours.entries()) rankOf[id] = rank;
      for (const [c, k] of ks.entries()) expected[c] = (expected[c] as number) + Math.min(k, neighbours.length);
      for (const { rescore, ids } of answers(opened, scan, rescores, Math.max(...ks), rows?.[i], scoreOf)) {
        for (const [c, k] of ks.entries()) {
          if (rescore < k) break;
          let hits = found[c]?.get(rescore) ?? 0;
          for (const id of ids.subarray(0, k)) if ((rankOf[id] as number) < k) hits++;
          found[c]?.set(rescore, hits);
        }
      }
      for (const id of neighbours) rankOf[id] = NO_RANK;
    }
    return found.map((hits, c) =>
      Array.from(hits, ([rescore, count]) => ({ scan, rescore, recall: expected[c] ? count / expected[c] : 1 })),
    );
  };
};

/**
 * Yields the answer of topK to the prepared query for each of `rescores`, which descend. An answer has up to k ids, best
 * first, without `self`.
 */
function* answers(
  opened: OpenedIndex,
  scan: number,
  rescores: readonly number[],
  k: number,
  self: number | undefined,
  scoreOf: Float32Array,
): Generator<{ readonly rescore: number; readonly ids: Int32Array }> {
  const { kernels, plan } = opened;
  const { layout, regions } = plan;
  const { buffer } = kernels.memory;
  const more = self === undefined ? 0 : 1;
  let count = kernels.scanBest(layout, scan, (rescores[0] as number) + more);
  kernels.scorePositions(layout, regions.reservoirPositions, count, regions.headScores);
  const positions = new Int32Array(buffer, regions.reservoirPositions, count);
  const scores = new Float32Array(buffer, regions.headScores, count);
  for (let j = 0; j < count; j++) scoreOf[positions[j] as number] = scores[j] as number;
  for (const rescore of rescores) {
    const kept = Math.min(count, rescore + more);
    if (kept < count) {
      kernels.keepBest(layout, count, kept);
      for (let j = 0; j < kept; j++) scores[j] = scoreOf[positions[j] as number] as number;
    }
    count = kept;
    write(opened, structs.SEARCH_TOP_COUNT, 0);
    kernels.topPush(layout, regions.reservoirPositions, regions.headScores, count, k + more);
    offerOutliers(opened, k + more);
    kernels.topSort(layout);
    const top = new Int32Array(buffer, regions.topIds, read(opened, structs.SEARCH_TOP_COUNT));
    yield { rescore, ids: self === undefined ? top : top.filter((id) => id !== self) };
  }
}
