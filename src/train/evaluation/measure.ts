import { DEFAULT_DRAWS, DEFAULT_SCAN, type Proposal } from "../../answers/options.ts";
import type { Names } from "../../checks/function-options.ts";
import type { FileInfo } from "../../index/info.ts";
import { loadWith } from "../../index/load.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import { instantiateQuery } from "../../memory/kernels.ts";
import { mean, quantile } from "../arithmetic/averages.ts";
import { type Logarithms, logSumExp } from "../arithmetic/logarithms.ts";
import type { Task, WorkerPool } from "../runtime/worker-pool.ts";
import type { QueryTools } from "../stand-ins/query-pools.ts";
import { allClasses, byId } from "./all-classes.ts";
import { bestIds } from "./best-ids.ts";

/**
 * The distance of the answers of an index from the exact softmax P over its rows. Values are means over the queries unless
 * stated.
 */
export interface Quality {
  /** Number of queries. */
  readonly queryCount: number;
  /** The proposal that was measured. */
  readonly proposal: Proposal;
  /** The head budget of the proposal. */
  readonly scan: number;
  /** Recall: the share of the ten best classes, by refined rows if there are any, that topK finds with this proposal and scan. */
  readonly recallAt10: number;
  /** KL(P‖Q) of the proposal Q, in nats. */
  readonly klDivergence: number;
  /** Total variation between P and Q, 0 … 1. */
  readonly totalVariation: number;
  /** Median of 1 / (1 + χ²(P‖Q)): the effective sample size per draw, in the limit of many draws. */
  readonly effectiveSampleShare: number;
  /** 90th percentile of |log Ẑ − log Z| with `draws` draws. */
  readonly logPartitionErrorP90: number;
  /** Draws of logPartition. */
  readonly draws: number;
}

/** Options of `measure`. */
export interface MeasureOptions {
  /** The proposal: "buckets", or "codes" for an index with fine codes. Default "buckets". */
  readonly proposal?: Proposal;
  /** Head budget of the proposal. Default 1,024. */
  readonly scan?: number;
  /** Draws of logPartition. Default 100. */
  readonly draws?: number;
  /** Seed of all random numbers. Default 0. */
  readonly seed?: number | bigint;
}

export const MEASURE_OPTIONS: Names<MeasureOptions> = { proposal: true, scan: true, draws: true, seed: true };

/** Measures an index with the given exponential and logarithm. `measure` describes the rest. */
export function measureWith(
  logarithms: Logarithms,
  index: MultiIndex,
  queries: Float32Array,
  options: MeasureOptions = {},
): Quality {
  const ids = allClasses(index);
  const measured = Array.from(eachQuery(index.info, queries), (query) =>
    measureQuery(logarithms, index, ids, query, options),
  );
  return summarise(measured, options);
}

/** Measures an index file with a class on a pool, by at least one query. Each thread loads the file. */
export async function measureOnPool(
  pool: WorkerPool<QueryTools>,
  file: Uint8Array,
  info: FileInfo,
  queries: Float32Array,
): Promise<Quality> {
  const measured: QueryQuality[] = [];
  for await (const quality of pool.map(measureQueries, file, eachQuery(info, queries))) measured.push(quality);
  return summarise(measured, {});
}

/** A piece is a query. */
export const measureQueries: Task<QueryTools, Uint8Array, Float32Array, QueryQuality> = async ({ modules }, file) => {
  const index = await loadWith(modules, file, { maxBytes: ADDRESSABLE_BYTES });
  const logarithms = instantiateQuery(modules.query);
  const ids = allClasses(index);
  return (query) => measureQuery(logarithms, index, ids, query, {});
};

function* eachQuery({ dim }: FileInfo, queries: Float32Array): Generator<Float32Array> {
  for (let at = 0; at < queries.length; at += dim) yield queries.subarray(at, at + dim);
}

/** The values of one query. Quality has their mean, median or percentile. */
interface QueryQuality {
  readonly recall: number;
  readonly kl: number;
  readonly variation: number;
  readonly share: number;
  readonly error: number;
}

/** `ids` are those of all classes, in any order. */
function measureQuery(
  { exp64, log64 }: Logarithms,
  index: MultiIndex,
  ids: Int32Array,
  query: Float32Array,
  { proposal = "buckets", scan = DEFAULT_SCAN, draws = DEFAULT_DRAWS, seed = 0 }: MeasureOptions,
): QueryQuality {
  const { itemCount, hasResiduals } = index.info;
  const scores = byId(ids, index.score(query, ids));
  const logQ = byId(ids, index.logQ(query, ids, { proposal, scan }));
  const logZ = logSumExp({ exp64, log64 }, scores);
  let [kl, variation, chiSquare] = [0, 0, 0];
  for (let id = 0; id < itemCount; id++) {
    const logWeight = (scores[id] as number) - logZ - (logQ[id] as number);
    const [p, q] = [exp64((scores[id] as number) - logZ), exp64(logQ[id] as number)];
    variation += Math.abs(p - q) / 2;
    // A class without probability contributes nothing more. For large logits, its weight may be so large that 0 · e^… is NaN.
    if (p === 0) continue;
    kl += p * logWeight;
    // Where Q underflows, the weight may still be representable.
    chiSquare += q > 0 ? (p * p) / q : p * exp64(logWeight);
  }
  const found = index.topK(query, 10, proposal === "codes" ? { rescore: scan } : { scan }).ids;
  // Refined rows order classes in another way than scores of stored rows.
  const best = hasResiduals
    ? Array.from(index.topK(query, found.length, { exact: true }).ids)
    : bestIds(scores, found.length);
  return {
    recall: best.filter((id) => found.includes(id)).length / best.length,
    kl: Math.max(0, kl), // rounding can make it negative
    variation,
    share: 1 / chiSquare,
    error: Math.abs(index.logPartition(query, { proposal, scan, draws, seed }).logPartition - logZ),
  };
}

function summarise(measured: readonly QueryQuality[], options: MeasureOptions): Quality {
  const { proposal = "buckets", scan = DEFAULT_SCAN, draws = DEFAULT_DRAWS } = options;
  const of = (name: keyof QueryQuality): Float64Array => Float64Array.from(measured, (query) => query[name]);
  return {
    queryCount: measured.length,
    proposal,
    scan,
    recallAt10: mean(of("recall")),
    klDivergence: mean(of("kl")),
    totalVariation: mean(of("variation")),
    effectiveSampleShare: quantile(of("share"), 0.5),
    logPartitionErrorP90: quantile(of("error"), 0.9),
    draws,
  };
}
