import type { IndexSource } from "../../bytes/byte-source.ts";
import type { RowType } from "../../format/facts.ts";
import { CURVE_KS } from "../../format/recall-curve.ts";
import type { Modules } from "../../memory/kernels.ts";
import type { OpenedIndex } from "../../memory/opened-index.ts";
import { type ClassRange, shareOf } from "../../parts/effort-shares.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { AskedQueries } from "./asked-queries.ts";
import { planCounts } from "./count-found.ts";
import { addExactRows, leastOf, MOST_FOUND, scanForBest } from "./exact-best.ts";
import { openForRecall, PIECE_QUERIES } from "./open-for-recall.ts";
import { queryCountsOf, type RecallTally, rescoresOf, scansOf } from "./recall-settings.ts";
import { sumsOf } from "./sums-by-kind.ts";

// The share of the k best classes of all that topK of several parts finds. It does not follow from the curves of the parts. A
// class is found if its part answers with it, so the parts are opened one after the other: the first time for the best scores
// of all, the second time to count the answers that reach them.

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
      best[query] = bestOf([...(best[query] as Float32Array), ...scanForBest(opened).scores]);
    });
  }
  const least = best.map((scores) => leastOf(scores, itemCount));
  const size = CURVE_KS.length * settings.scans.length * rescores.length;
  const found = new Uint16Array(queryCount * size);
  const exactRows = new Float64Array(queryCount * CURVE_KS.length);
  let rows: RowType = "i8"; // all parts have the same, if they have any
  for (const [i, part] of parts.entries()) {
    onProgress?.(parts.length + i, 2 * parts.length);
    const countFound = planCounts(ownSettings(part, settings), part.classes);
    await eachQuery(part, asked, (opened, query) => {
      countFound(opened, least[query] as number[], found.subarray(query * size, (query + 1) * size));
      rows = opened.header.facts.rows;
      addExactRows(opened, exactRows, query);
    });
  }
  const queryCounts = queryCountsOf(queryCount, kindCount);
  return { ...settings, rows, queryCounts, ...sumsOf(found, exactRows, kindCount) };
}

/** Opens a part, puts each query in place and calls `measure`. */
async function eachQuery(
  part: MeasuredPart,
  { modules, queries, dim, yieldIfDue }: MergedQueries,
  measure: (opened: OpenedIndex, query: number) => void,
): Promise<void> {
  if (part.classes === 0) return;
  await part.use(async (file) => {
    const ask = await openForRecall(modules, file, queries);
    const queryCount = queries.length / dim;
    for (let first = 0; first < queryCount; first += PIECE_QUERIES) {
      ask(first, Math.min(first + PIECE_QUERIES, queryCount), measure);
      await yieldIfDue();
    }
  });
}

const bestOf = (scores: readonly number[]): Float32Array<ArrayBuffer> =>
  Float32Array.from(scores)
    .sort((a, b) => b - a)
    .slice(0, MOST_FOUND);

type Settings = Pick<RecallTally, "itemCount" | "partCount" | "scans" | "rescores">;

/** Returns the settings with which a part is asked. */
function ownSettings(part: MeasuredPart, { itemCount, partCount, scans, rescores }: Settings) {
  const share = (total: number): number => shareOf(Math.min(total, itemCount), part, itemCount);
  return {
    scans: scans.map(share),
    rescores: rescores.map((rescore) => Math.min(share(partCount * rescore), part.classes)),
  };
}
