import * as structs from "../../../build/structs.ts";
import { timeToCertify } from "../../answers/certified-top.ts";
import { scanForTop } from "../../answers/full-scan.ts";
import { scoreOutliers } from "../../answers/outliers.ts";
import { answerRows } from "../../batch/answer-rows.ts";
import { batchesWith } from "../../batch/batches.ts";
import type { IndexSource } from "../../bytes/byte-source.ts";
import type { IndexFacts } from "../../format/facts.ts";
import { CURVE_KS } from "../../format/recall-curve.ts";
import { limitsOf } from "../../memory/load-options.ts";
import { measureBounds } from "../../memory/measure-bounds.ts";
import { type OpenedIndex, openIndex, read, write } from "../../memory/opened-index.ts";
import { addTo } from "../arithmetic/add-to.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { Task, WorkerPool } from "../runtime/worker-pool.ts";
import type { QueryTools } from "../stand-ins/query-pools.ts";
import type { AskedQueries } from "./asked-queries.ts";
import { MOST_RESCORED, queryCountsOf, type RecallTally, rescoresOf, scansOf } from "./recall-settings.ts";

/** Queries of a piece: few, so that threads share the work and a build can yield. */
const PIECE_QUERIES = 4;

/** The number of best stored rows that are compared with the best rows as given. */
export const COMPARED_ROWS = CURVE_KS[0];
/** The most classes that are asked for. */
export const MOST_FOUND = CURVE_KS.at(-1) as number;

type Sums = Pick<RecallTally, "hits" | "squares" | "exactRows">;

interface RecallPlan {
  readonly file: IndexSource;
  readonly asked: AskedQueries;
}

/** The first query of a piece, and the number after its last one. */
interface Piece {
  readonly first: number;
  readonly end: number;
}

interface MeasuredPiece extends Sums {
  /** The COMPARED_ROWS best stored rows of each query. */
  readonly best: readonly Int32Array[];
}

export interface MeasuredRecall {
  readonly tally: RecallTally;
  /** For each query the ids of the COMPARED_ROWS best stored rows, best first. */
  readonly best: readonly Int32Array[];
}

/** Counts the classes that topK finds of the k best stored rows, for each k of CURVE_KS, by scan and rescore. */
export async function measureRecalls(
  pool: WorkerPool<QueryTools>,
  plan: RecallPlan,
  { itemCount, dim, rows }: Pick<IndexFacts, "itemCount" | "dim" | "rows">,
  yieldIfDue: YieldIfDue,
): Promise<MeasuredRecall> {
  const { queries, kindCount } = plan.asked;
  const queryCount = queries.length / dim;
  const [scans, rescores] = [scansOf(itemCount), rescoresOf(itemCount)];
  const sums = noSums(kindCount * CURVE_KS.length, scans.length * rescores.length);
  const queryCounts = queryCountsOf(queryCount, kindCount);
  const tally = { itemCount, rows, queryCounts, partCount: 1, scans, rescores, ...sums };
  const best: Int32Array[] = [];
  const pieces: Piece[] = [];
  for (let first = 0; first < queryCount; first += PIECE_QUERIES) {
    pieces.push({ first, end: Math.min(first + PIECE_QUERIES, queryCount) });
  }
  for await (const piece of pool.map(measureRecall, plan, pieces)) {
    // Sums of integers do not depend on the order.
    addTo(sums.hits, piece.hits);
    addTo(sums.squares, piece.squares);
    addTo(sums.exactRows, piece.exactRows);
    for (const ids of piece.best) best.push(ids.slice());
    await yieldIfDue();
  }
  return { tally, best };
}

const noSums = (curves: number, settings: number): Sums => ({
  hits: new Float64Array(curves * settings),
  squares: new Float64Array(curves * settings),
  exactRows: new Float64Array(curves),
});

/** A piece is a range of queries. The exact answer comes from a scan of all rows, with the same scores as those of topK. */
export const measureRecall: Task<QueryTools, RecallPlan, Piece, MeasuredPiece> = async ({ modules }, plan) => {
  const { file, asked } = plan;
  const { queries, kindCount } = asked;
  const opened = await openIndex(modules, file, limitsOf({ maxScan: MOST_RESCORED }), batchesWith(modules.batch));
  const { dim, itemCount } = opened.header.facts;
  const query = new Float32Array(opened.kernels.memory.buffer, opened.plan.regions.query, dim);
  const scans = scansOf(itemCount);
  const rescores = rescoresOf(itemCount);
  const scoreOf = new Float32Array(itemCount); // by position
  measureBounds(opened);
  return ({ first, end }) => {
    const piece = { ...noSums(kindCount * CURVE_KS.length, scans.length * rescores.length), best: [] as Int32Array[] };
    const place = (row: number): void => {
      query.set(queries.subarray((first + row) * dim, (first + row + 1) * dim));
      opened.kernels.prepareQuery(opened.plan.layout);
      opened.kernels.refineTop(opened.plan.layout);
    };
    const measure = (row: number): void => {
      const kind = (first + row) % kindCount;
      scanForTop(opened, Math.min(MOST_FOUND, itemCount));
      piece.best.push(topIds(opened).slice(0, COMPARED_ROWS));
      const scores = topScores(opened).slice();
      // A class that ties with the k-th best is as good as that one.
      const least = CURVE_KS.map((k) => scores[Math.min(k, itemCount) - 1] as number);
      const outliers = scoreOutliers(opened);
      for (const [s, answers] of answersTo(opened, { scans, rescores, outliers, scoreOf }).entries()) {
        for (const [r, top] of answers.entries()) {
          for (const [c, k] of CURVE_KS.entries()) {
            if ((rescores[r] as number) < Math.min(k, itemCount)) continue;
            const hits = top.subarray(0, k).filter((score) => score >= (least[c] as number)).length;
            const at = ((kind * CURVE_KS.length + c) * scans.length + s) * rescores.length + r;
            piece.hits[at] = (piece.hits[at] as number) + hits;
            piece.squares[at] = (piece.squares[at] as number) + hits * hits;
          }
        }
      }
      addExactRows(opened, piece.exactRows, kind);
    };
    answerRows(opened, end - first, place, measure);
    return piece;
  };
};

/**
 * Adds to `exactRows`, (kinds, CURVE_KS), the number of rows that a scan reads in the time of exact answers to the query in
 * place: integers, so that sums do not depend on their order.
 */
export function addExactRows(opened: OpenedIndex, exactRows: Float64Array, kind: number): void {
  const { itemCount } = opened.header.facts;
  for (const [c, k] of CURVE_KS.entries()) {
    const at = kind * CURVE_KS.length + c;
    const rows = Math.round(itemCount * timeToCertify(opened, Math.min(k, itemCount)));
    exactRows[at] = (exactRows[at] as number) + rows;
  }
}

interface Search {
  /** Ascending. */
  readonly scans: readonly number[];
  /** Descending. */
  readonly rescores: readonly number[];
  /** The number of outliers, which are scored in the draw buffers. */
  readonly outliers: number;
  /** Scratch: a score by position. */
  readonly scoreOf: Float32Array;
}

/**
 * Returns the scores of the answers of topK to the prepared query, best first, for each of `scans` and each of `rescores`. The
 * rows of a scan are the first of every longer one, so that codes are read once.
 */
export function answersTo(opened: OpenedIndex, { scans, rescores, outliers, scoreOf }: Search): Float32Array[][] {
  const { kernels, plan } = opened;
  const { layout, regions } = plan;
  const most = rescores[0] as number;
  let count = kernels.scanBest(layout, 0, most);
  return scans.map((scan) => {
    count = kernels.scanFurther(layout, scan, most, count);
    const left = [regions.reservoirPositions, regions.reservoirKeys].map((address) => {
      const values = new Int32Array(kernels.memory.buffer, address, count);
      return { values, copy: values.slice() };
    });
    const answers = answersFrom(opened, count, { rescores, outliers, scoreOf });
    for (const { values, copy } of left) values.set(copy);
    return answers;
  });
}

/**
 * Returns the scores of the answers from the `count` rows in the reservoir. The best R rows by code are among the best of any
 * larger number, so one scan serves every R. As in topK the outliers join them.
 */
function answersFrom(
  opened: OpenedIndex,
  count: number,
  { rescores, outliers, scoreOf }: Omit<Search, "scans">,
): Float32Array[] {
  const { kernels, plan } = opened;
  const { layout, regions } = plan;
  const { buffer } = kernels.memory;
  kernels.scorePositions(layout, regions.reservoirPositions, count, regions.headScores);
  const positions = new Int32Array(buffer, regions.reservoirPositions, count);
  const scores = new Float32Array(buffer, regions.headScores, count);
  for (let j = 0; j < count; j++) scoreOf[positions[j] as number] = scores[j] as number;
  let left = count;
  return rescores.map((rescore) => {
    const kept = Math.min(left, rescore);
    if (kept < left) {
      kernels.keepBest(layout, left, kept);
      for (let j = 0; j < kept; j++) scores[j] = scoreOf[positions[j] as number] as number;
    }
    left = kept;
    write(opened, structs.SEARCH_TOP_COUNT, 0);
    kernels.topPush(layout, regions.reservoirPositions, regions.headScores, left, MOST_FOUND);
    kernels.topPush(layout, regions.drawPositions, regions.drawScores, outliers, MOST_FOUND);
    kernels.topSort(layout);
    return topScores(opened).slice();
  });
}

export const topScores = (opened: OpenedIndex): Float32Array<ArrayBuffer> =>
  new Float32Array(opened.kernels.memory.buffer, opened.plan.regions.topScores, read(opened, structs.SEARCH_TOP_COUNT));

const topIds = (opened: OpenedIndex): Int32Array<ArrayBuffer> =>
  new Int32Array(opened.kernels.memory.buffer, opened.plan.regions.topIds, read(opened, structs.SEARCH_TOP_COUNT));
