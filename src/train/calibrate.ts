import { checksumWith } from "../checksum.ts";
import { parse, serialiseIndexHeader, tensorChecksum } from "../format.ts";
import { instantiateQuery, type Modules } from "../kernels.ts";
import { loadWith } from "../load.ts";
import type { MultiIndex } from "../multi-index.ts";
import {
  CURVE_KS,
  CURVE_POINTS,
  curvesToValues,
  LARGEST_SIZE,
  type RecallCurve,
  type RecallPoint,
} from "../recall-curve.ts";
import type { Matrix } from "./build-input.ts";
import { trueNeighbours } from "./true-neighbours.ts";

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
  { queries, bias, signal }: Calibration,
): Promise<Uint8Array<ArrayBuffer>> {
  const index = await loadWith(modules, file, { maxScan: Math.max(1, embeddings.shape[0]) });
  const asked = queries ? { queries, rows: undefined } : rowQueries(embeddings);
  const most = CURVE_KS.at(-1) as number;
  const truth = await trueNeighbours(modules, embeddings, bias, index.info.metric, asked, most, signal);
  const curves: RecallCurve[] = [];
  for (const k of CURVE_KS) {
    curves.push({ k, points: await measureCurve(index, asked, truth, Math.min(k, index.info.itemCount), signal) });
  }
  index.dispose();
  return withCurves(modules, file, curves);
}

export interface Asked {
  /** f32 (n, D). */
  readonly queries: Float32Array;
  /** The row that each query is, if they are rows. */
  readonly rows: Int32Array | undefined;
}

function rowQueries({ data, shape: [itemCount, dim] }: Matrix): Asked {
  const count = Math.min(ROW_QUERIES, itemCount);
  const rows = Int32Array.from({ length: count }, (_, i) => Math.floor((i * itemCount) / count));
  const queries = new Float32Array(count * dim);
  for (const [i, row] of rows.entries()) queries.set(data.subarray(row * dim, (row + 1) * dim), i * dim);
  return { queries, rows };
}

async function measureCurve(
  index: MultiIndex,
  asked: Asked,
  truth: readonly Int32Array[],
  k: number,
  signal: AbortSignal | undefined,
): Promise<RecallPoint[]> {
  const { itemCount } = index.info;
  if (k === 0 || truth.length === 0) return [];
  const tried: (RecallPoint & { readonly cost: number })[] = [];
  const most = Math.min(itemCount, LARGEST_SIZE);
  for (let scan = LEAST_SCAN; ; scan *= 2) {
    const rows = Math.min(scan, most);
    for (const factor of RESCORES) {
      const rescore = Math.min(factor * k, itemCount);
      await pause(signal);
      const recall = recallOf(index, asked, truth, k, rows, rescore);
      tried.push({ scan: rows, rescore, recall, cost: rows + RESCORE_COST * rescore });
    }
    if (rows === most) break;
  }
  tried.sort((a, b) => a.cost - b.cost);
  const best: RecallPoint[] = [];
  for (const { scan, rescore, recall } of tried) {
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

function recallOf(
  index: MultiIndex,
  { queries, rows }: Asked,
  truth: readonly Int32Array[],
  k: number,
  scan: number,
  rescore: number,
): number {
  const { dim } = index.info;
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
}

function withCurves(
  modules: Modules,
  file: Uint8Array<ArrayBuffer>,
  curves: readonly RecallCurve[],
): Uint8Array<ArrayBuffer> {
  const checksum = checksumWith(instantiateQuery(modules.query));
  const { facts, tensors, checksums } = parse(file, file.byteLength, checksum);
  const { begin } = tensors.recallCurves as { begin: number };
  const bytes = new Uint8Array(curvesToValues(curves).buffer);
  file.set(bytes, begin);
  const changed = { ...checksums, recallCurves: tensorChecksum(checksum, "recallCurves", begin, bytes) };
  file.set(serialiseIndexHeader(facts, changed, checksum));
  return file;
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal?.throwIfAborted();
}
