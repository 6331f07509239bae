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
import { type OpenedIndex, openIndex, read } from "../../memory/opened-index.ts";
import { addTo } from "../arithmetic/add-to.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { Task, WorkerPool } from "../runtime/worker-pool.ts";
import type { QueryTools } from "../stand-ins/query-pools.ts";
import type { AskedQueries } from "./asked-queries.ts";
import { countFound } from "./count-found.ts";
import { MOST_RESCORED, queryCountsOf, type RecallTally, rescoresOf, scansOf } from "./recall-settings.ts";

/** Queries of a piece: few, so that threads share the work and a build can yield. */
const PIECE_QUERIES = 4;

/** The number of best stored rows that are compared with the best original rows. */
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
  const size = CURVE_KS.length * scans.length * rescores.length; // of the sums of one kind
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
      const found = new Uint16Array(size);
      const search = { scans, rescores, outliers: scoreOutliers(opened), scoreOf };
      countFound(opened, search, { ks: CURVE_KS, least }, found);
      const ofKind = [kind * size, (kind + 1) * size] as const;
      addTo(piece.hits.subarray(...ofKind), Float64Array.from(found));
      addTo(
        piece.squares.subarray(...ofKind),
        Float64Array.from(found, (hits) => hits * hits),
      );
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

export const topScores = (opened: OpenedIndex): Float32Array<ArrayBuffer> =>
  new Float32Array(opened.kernels.memory.buffer, opened.plan.regions.topScores, read(opened, structs.SEARCH_TOP_COUNT));

const topIds = (opened: OpenedIndex): Int32Array<ArrayBuffer> =>
  new Int32Array(opened.kernels.memory.buffer, opened.plan.regions.topIds, read(opened, structs.SEARCH_TOP_COUNT));
