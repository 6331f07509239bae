import type { IndexSource } from "../../bytes/byte-source.ts";
import type { IndexFacts } from "../../format/facts.ts";
import { CURVE_KS } from "../../format/recall-curve.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { Task, WorkerPool } from "../runtime/worker-pool.ts";
import type { QueryTools } from "../stand-ins/query-pools.ts";
import type { AskedQueries } from "./asked-queries.ts";
import { planCounts } from "./count-found.ts";
import { addExactRows, leastOf, scanForBest } from "./exact-best.ts";
import { openForRecall, PIECE_QUERIES } from "./open-for-recall.ts";
import { queryCountsOf, type RecallTally, rescoresOf, scansOf } from "./recall-settings.ts";
import { sumsOf } from "./sums-by-kind.ts";

/** The number of best stored rows that are compared with the best original rows. */
export const COMPARED_ROWS = CURVE_KS[0];

interface RecallPlan {
  readonly file: IndexSource;
  readonly asked: AskedQueries;
}

/** The plan of the task, with the settings that are tried. */
interface TaskPlan extends RecallPlan, Pick<RecallTally, "itemCount" | "scans" | "rescores"> {
  /** The number of values that each query has with them. */
  readonly size: number;
}

/** The first query of a piece, and the number after its last one. */
interface Piece {
  readonly first: number;
  readonly end: number;
}

/** The measurements of each query of a piece. */
interface MeasuredPiece {
  /** (queries, CURVE_KS, scans, rescores): the number of the k best stored rows that were found. */
  readonly found: Uint16Array;
  /** (queries, CURVE_KS): the number of rows that a scan reads in the time of exact answers. */
  readonly exactRows: Float64Array;
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
  const settings = { itemCount, scans: scansOf(itemCount), rescores: rescoresOf(itemCount) };
  const size = CURVE_KS.length * settings.scans.length * settings.rescores.length;
  const found = new Uint16Array(queryCount * size);
  const exactRows = new Float64Array(queryCount * CURVE_KS.length);
  const best: Int32Array[] = [];
  const pieces: Piece[] = [];
  for (let first = 0; first < queryCount; first += PIECE_QUERIES) {
    pieces.push({ first, end: Math.min(first + PIECE_QUERIES, queryCount) });
  }
  for await (const piece of pool.map(measureRecall, { ...plan, ...settings, size }, pieces)) {
    found.set(piece.found, best.length * size);
    exactRows.set(piece.exactRows, best.length * CURVE_KS.length);
    for (const ids of piece.best) best.push(ids.slice());
    await yieldIfDue();
  }
  const queryCounts = queryCountsOf(queryCount, kindCount);
  const tally = { ...settings, rows, queryCounts, partCount: 1, ...sumsOf(found, exactRows, kindCount) };
  return { tally, best };
}

/** A piece is a range of queries. */
export const measureRecall: Task<QueryTools, TaskPlan, Piece, MeasuredPiece> = async ({ modules }, plan) => {
  const { file, asked, itemCount, size } = plan;
  const ask = await openForRecall(modules, file, asked.queries);
  const countFound = planCounts(plan, itemCount);
  return ({ first, end }) => {
    const found = new Uint16Array((end - first) * size);
    const exactRows = new Float64Array((end - first) * CURVE_KS.length);
    const best: Int32Array[] = [];
    ask(first, end, (opened, query) => {
      const row = query - first;
      const { ids, scores } = scanForBest(opened);
      best.push(ids.slice(0, COMPARED_ROWS));
      countFound(opened, leastOf(scores, itemCount), found.subarray(row * size));
      addExactRows(opened, exactRows, row);
    });
    return { found, exactRows, best };
  };
};
