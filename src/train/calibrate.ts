import { checksumWith } from "../checksum.ts";
import { type Checksum, type IndexHeader, parse, serialiseIndexHeader, tensorChecksum } from "../format.ts";
import { instantiateQuery, type Modules } from "../kernels.ts";
import { loadWith } from "../load.ts";
import {
  CURVE_KS,
  CURVE_POINTS,
  curvesToValues,
  LARGEST_SIZE,
  type RecallCurve,
  type RecallPoint,
} from "../recall-curve.ts";
import type { Matrix } from "./build-input.ts";
import { alone, type Crew, type Task } from "./crew.ts";
import { type RowTable, tableOf } from "./row-table.ts";
import { type QueryTools, trueNeighbours } from "./true-neighbours.ts";

/** Queries where none are given: evenly spaced rows, each of which is no neighbour of its own. */
const ROW_QUERIES = 256;

/** Smallest number of codes read, and what rescored rows are tried, in k. */
const LEAST_SCAN = 256;
const RESCORES = [1, 2, 5, 10, 20, 50];

/** Time of a row that is scored exactly, in codes read: 25 and 1.5 ns at 100 values. */
const RESCORE_COST = 16;

/** Points that gain less than this are left out. */
const LEAST_GAIN = 0.002;

export interface Calibration {
  /** f32 (n, D): queries like those to come, none of them a row. */
  readonly queries?: Float32Array;
  readonly bias?: ArrayLike<number>;
  readonly signal?: AbortSignal;
}

/**
 * An index file with fine codes, with the recall curves of its topK in it: how many of the true neighbours, by the vectors
 * it was built from, are found for what work. A function of its arguments: no times enter.
 */
export async function calibrateWith(
  modules: Modules,
  file: Uint8Array<ArrayBuffer>,
  embeddings: Matrix,
  calibration: Calibration,
  crew: Crew<QueryTools> = alone({ modules }),
): Promise<Uint8Array<ArrayBuffer>> {
  const { queries, bias, signal } = calibration;
  const checksum = checksumWith(instantiateQuery(modules.query));
  const header = parse(file, file.byteLength, checksum);
  const table = tableOf(embeddings);
  const asked = queries ? { queries, rows: undefined } : await rowQueries(table);
  const most = CURVE_KS.at(-1) as number;
  const pause = (): Promise<void> => letRun(signal);
  const truth = await trueNeighbours(crew, { table, metric: header.facts.metric, bias }, asked, most, pause);
  const curves = await measureCurves(crew, { ...asked, file, truth, itemCount: table.itemCount }, pause);
  return withCurves(header, checksum, file, curves);
}

export interface Asked {
  /** f32 (n, D). */
  readonly queries: Float32Array;
  /** The row that each query is, if they are rows. */
  readonly rows: Int32Array | undefined;
}

async function rowQueries(table: RowTable): Promise<Asked> {
  const { itemCount, dim } = table;
  const count = Math.min(ROW_QUERIES, itemCount);
  const rows = Int32Array.from({ length: count }, (_, i) => Math.floor((i * itemCount) / count));
  const queries = new Float32Array(count * dim);
  let first = 0;
  let next = 0;
  for await (const chunk of table.chunks()) {
    const end = first + chunk.length / dim;
    for (let row = rows[next]; row !== undefined && row < end; row = rows[++next]) {
      queries.set(chunk.subarray((row - first) * dim, (row - first + 1) * dim), next * dim);
    }
    first = end;
  }
  return { queries, rows };
}

interface RecallPlan extends Asked {
  readonly file: Uint8Array;
  /** The best rows for each query. */
  readonly truth: readonly Int32Array[];
  readonly itemCount: number;
}

/** What topK is asked for. */
interface Trial {
  readonly k: number;
  readonly scan: number;
  readonly rescore: number;
}

async function measureCurves(
  crew: Crew<QueryTools>,
  plan: RecallPlan,
  pause: () => Promise<void>,
): Promise<RecallCurve[]> {
  const trials =
    plan.truth.length > 0 ? CURVE_KS.map((k) => trialsOf(Math.min(k, plan.itemCount), plan.itemCount)) : [];
  const recalls: number[] = [];
  for await (const recall of crew.perform(measureRecall, plan, trials.flat())) {
    recalls.push(recall);
    await pause();
  }
  return CURVE_KS.map((k, i) => {
    const tried = (trials[i] ?? []).map((trial) => ({ ...trial, recall: recalls.shift() as number }));
    return { k, points: bestPoints(tried) };
  });
}

function trialsOf(k: number, itemCount: number): Trial[] {
  const trials: Trial[] = [];
  const most = Math.min(itemCount, LARGEST_SIZE);
  for (let scan = LEAST_SCAN; ; scan *= 2) {
    const rows = Math.min(scan, most);
    for (const factor of RESCORES) trials.push({ k, scan: rows, rescore: Math.min(factor * k, itemCount) });
    if (rows === most) return trials;
  }
}

/** Points that find more than those of less work. */
function bestPoints(tried: readonly RecallPoint[]): RecallPoint[] {
  const cost = ({ scan, rescore }: RecallPoint): number => scan + RESCORE_COST * rescore;
  const best: RecallPoint[] = [];
  for (const { scan, rescore, recall } of [...tried].sort((a, b) => cost(a) - cost(b))) {
    const before = best.at(-1)?.recall ?? 0;
    if (recall > before + LEAST_GAIN || (recall === 1 && before < 1))
      best.push({ scan, rescore, recall: Math.fround(recall) });
  }
  return thinOut(best);
}

/** Leaves out the points that gain least, until there are no more than the file has room for; the last stays. */
function thinOut(points: RecallPoint[]): RecallPoint[] {
  const kept = points.slice();
  const gain = (i: number): number => (kept[i] as RecallPoint).recall - (kept[i - 1]?.recall ?? 0);
  while (kept.length > CURVE_POINTS) {
    let least = 0;
    for (let i = 1; i < kept.length - 1; i++) if (gain(i) < gain(least)) least = i;
    kept.splice(least, 1);
  }
  return kept;
}

/** A piece gives the share of the k true neighbours that topK finds, mean over the queries. */
export const measureRecall: Task<QueryTools, RecallPlan, Trial, number> = async ({ modules }, plan) => {
  const { file, queries, rows, truth, itemCount } = plan;
  // A query that is a row is asked for one row more.
  const index = await loadWith(modules, file, { maxScan: itemCount + 1 });
  const { dim } = index.info;
  return ({ k, scan, rescore }) => {
    let found = 0;
    let wanted = 0;
    for (const [i, neighbours] of truth.entries()) {
      const query = queries.subarray(i * dim, (i + 1) * dim);
      const self = rows?.[i];
      const { ids } = index.topK(query, self === undefined ? k : k + 1, {
        scan,
        rescore: rescore + (self === undefined ? 0 : 1),
      });
      const answer = new Set(ids.filter((id) => id !== self).slice(0, k));
      const expected = neighbours.subarray(0, k);
      for (const id of expected) if (answer.has(id)) found++;
      wanted += expected.length;
    }
    return wanted > 0 ? found / wanted : 1;
  };
};

function withCurves(
  { facts, tensors, checksums }: IndexHeader,
  checksum: Checksum,
  file: Uint8Array<ArrayBuffer>,
  curves: readonly RecallCurve[],
): Uint8Array<ArrayBuffer> {
  const { begin } = tensors.recallCurves as { begin: number };
  const bytes = new Uint8Array(curvesToValues(curves).buffer);
  file.set(bytes, begin);
  const changed = { ...checksums, recallCurves: tensorChecksum(checksum, "recallCurves", begin, bytes) };
  file.set(serialiseIndexHeader(facts, changed, checksum));
  return file;
}

async function letRun(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal?.throwIfAborted();
}
