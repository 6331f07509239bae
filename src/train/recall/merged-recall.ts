import { scanForTop } from "../../answers/full-scan.ts";
import { scoreOutliers } from "../../answers/outliers.ts";
import { answerRows } from "../../batch/answer-rows.ts";
import { batchesWith } from "../../batch/batches.ts";
import type { IndexSource } from "../../bytes/byte-source.ts";
import type { RowType } from "../../format/facts.ts";
import { CURVE_KS } from "../../format/recall-curve.ts";
import type { Modules } from "../../memory/kernels.ts";
import { limitsOf } from "../../memory/load-options.ts";
import { measureBounds } from "../../memory/measure-bounds.ts";
import { type OpenedIndex, openIndex } from "../../memory/opened-index.ts";
import { type ClassRange, shareOf } from "../../parts/effort-shares.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { AskedQueries } from "./asked-queries.ts";
import { countFound } from "./count-found.ts";
import { addExactRows, MOST_FOUND, topScores } from "./recall-measurement.ts";
import { MOST_RESCORED, queryCountsOf, type RecallTally, rescoresOf, scansOf } from "./recall-settings.ts";

// The share of the k best classes of all that topK of several parts finds. It does not follow from the curves of the parts. A
// class is found if its part answers with it, so the parts are opened one after the other: the first time for the best scores
// of all, the second time to count the answers that reach them.

/** Queries between two turns of the event loop. */
const PIECE_QUERIES = 4;

/** A part that can be opened. */
export interface MeasuredPart extends ClassRange {
  /** Gives the bytes of its file to an action, and frees them after it. */
  readonly use: <Result>(action: (file: IndexSource) => Promise<Result>) => Promise<Result>;
}

/** The queries that merged answers are measured with. */
export interface MergedQueries {
  readonly modules: Modules;
  /** f32 (n, dim). */
  readonly queries: Float32Array;
  readonly dim: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly yieldIfDue: YieldIfDue;
}

/** Counts the classes that topK of all parts together finds of the k best stored rows, for each k of CURVE_KS. */
export async function measureMergedRecall(
  parts: readonly MeasuredPart[],
  asked: MergedQueries & AskedQueries,
): Promise<RecallTally> {
  const { queries, kindCount, dim, onProgress } = asked;
  const queryCount = queries.length / dim;
  const itemCount = parts.reduce((sum, { classes }) => sum + classes, 0);
  const rescores = rescoresOf(Math.max(...parts.map(({ classes }) => classes)));
  const settings = { itemCount, partCount: parts.length, scans: scansOf(itemCount, itemCount), rescores };
  const best = Array.from({ length: queryCount }, () => new Float32Array(0));
  for (const [i, part] of parts.entries()) {
    onProgress?.(i, 2 * parts.length);
    await eachQuery(part, asked, (opened, query) => {
      scanForTop(opened, Math.min(MOST_FOUND, part.classes));
      best[query] = bestOf([...(best[query] as Float32Array), ...topScores(opened)]);
    });
  }
  // A class that ties with the k-th best is as good as that one.
  const least = best.map((scores) => CURVE_KS.map((k) => scores[Math.min(k, itemCount) - 1] as number));
  const size = CURVE_KS.length * settings.scans.length * rescores.length;
  const found = new Uint16Array(queryCount * size);
  const exactRows = new Float64Array(kindCount * CURVE_KS.length);
  let rows: RowType = "i8"; // all parts have the same, if they have any
  for (const [i, part] of parts.entries()) {
    onProgress?.(parts.length + i, 2 * parts.length);
    const counted = planCounting(part, settings);
    await eachQuery(part, asked, (opened, query) => {
      counted(opened, least[query] as number[], found.subarray(query * size, (query + 1) * size));
      rows = opened.header.facts.rows;
      addExactRows(opened, exactRows, query % kindCount);
    });
  }
  const queryCounts = queryCountsOf(queryCount, kindCount);
  return { ...settings, rows, queryCounts, exactRows, ...sumsByKind(found, { size, kindCount, itemCount }) };
}

/** Opens a part, puts each query in place and calls `measure`. */
async function eachQuery(
  part: MeasuredPart,
  { modules, queries, dim, yieldIfDue }: MergedQueries,
  measure: (opened: OpenedIndex, query: number) => void,
): Promise<void> {
  if (part.classes === 0) return;
  await part.use(async (file) => {
    const opened = await openIndex(modules, file, limitsOf({ maxScan: MOST_RESCORED }), batchesWith(modules.batch));
    measureBounds(opened);
    const place = new Float32Array(opened.kernels.memory.buffer, opened.plan.regions.query, dim);
    const queryCount = queries.length / dim;
    for (let first = 0; first < queryCount; first += PIECE_QUERIES) {
      const count = Math.min(PIECE_QUERIES, queryCount - first);
      const placeRow = (row: number): void => {
        place.set(queries.subarray((first + row) * dim, (first + row + 1) * dim));
        opened.kernels.prepareQuery(opened.plan.layout);
        opened.kernels.refineTop(opened.plan.layout);
      };
      answerRows(opened, count, placeRow, (row) => measure(opened, first + row));
      await yieldIfDue();
    }
  });
}

const bestOf = (scores: readonly number[]): Float32Array<ArrayBuffer> =>
  Float32Array.from(scores)
    .sort((a, b) => b - a)
    .slice(0, MOST_FOUND);

type Settings = Pick<RecallTally, "itemCount" | "partCount" | "scans" | "rescores">;

/** Returns a function that adds to `found`, (CURVE_KS, scans, rescores), the answers of a part that are among the best. */
function planCounting(part: MeasuredPart, { itemCount, partCount, scans, rescores }: Settings) {
  const scoreOf = new Float32Array(part.classes); // by position
  const share = (total: number): number => shareOf(Math.min(total, itemCount), part, itemCount);
  const ownRescores = rescores.map((rescore) => Math.min(share(partCount * rescore), part.classes));
  return (opened: OpenedIndex, least: readonly number[], found: Uint16Array): void => {
    const search = { scans: scans.map(share), rescores: ownRescores, outliers: scoreOutliers(opened), scoreOf };
    countFound(opened, search, { ks: CURVE_KS, least }, found);
  };
}

/** Sums over the queries of each kind. A merged answer has k classes, however many tie with the last one. */
function sumsByKind(
  found: Uint16Array,
  { size, kindCount, itemCount }: { readonly size: number; readonly kindCount: number; readonly itemCount: number },
): Pick<RecallTally, "hits" | "squares"> {
  const hits = new Float64Array(kindCount * size);
  const squares = new Float64Array(kindCount * size);
  for (let i = 0; i < found.length; i++) {
    const at = i % (kindCount * size);
    const k = CURVE_KS[Math.floor(((i % size) * CURVE_KS.length) / size)] as number;
    const count = Math.min(found[i] as number, k, itemCount);
    hits[at] = (hits[at] as number) + count;
    squares[at] = (squares[at] as number) + count * count;
  }
  return { hits, squares };
}
