import type { MultiIndex } from "../multi-index.ts";
import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../options.ts";

/** How close answers come to the full softmax over the stored rows; means over the queries unless named otherwise. */
export interface Quality {
  readonly queryCount: number;
  readonly scan: number;
  /** Of the proposal by fine codes, where that was measured. */
  readonly rescore?: number | undefined;
  /** Share of the ten best classes that topK(query, 10) finds. */
  readonly recallAt10: number;
  /** KL(P‖Q) of the proposal, in nats. */
  readonly klDivergence: number;
  /** Total variation between P and Q. */
  readonly totalVariation: number;
  /** Median of 1 / (1 + χ²(P‖Q)): effective sample size a draw, in the limit of many draws. */
  readonly effectiveSampleShare: number;
  /** 90th percentile of |log Ẑ − log Z| with `draws` draws. */
  readonly logPartitionErrorP90: number;
  readonly draws: number;
}

export interface MeasureOptions {
  readonly scan?: number;
  /** Measures the proposal by fine codes, with a head of this many classes, in place of that of `scan`. */
  readonly rescore?: number | undefined;
  readonly draws?: number;
  readonly seed?: number | bigint;
}

/** Host Math has no place in train/: its bits differ between runtimes. */
interface Logarithms {
  exp64(x: number): number;
  log64(x: number): number;
}

/** Compares `index` with full enumeration on each query; O(N·D) a query. `queries` is f32 (n, dim). */
export function measureWith(
  { exp64, log64 }: Logarithms,
  index: MultiIndex,
  queries: Float32Array,
  options: MeasureOptions = {},
): Quality {
  const { itemCount, dim } = index.info;
  const { scan = DEFAULT_SCAN, rescore, draws = DEFAULT_DRAWS, seed = 0 } = options;
  const proposal = rescore === undefined ? { scan } : { rescore };
  const ids = Int32Array.from({ length: itemCount }, (_, id) => id);
  const queryCount = itemCount > 0 ? queries.length / dim : 0;
  const [recall, kl, variation, share, error] = Array.from({ length: 5 }, () => new Float64Array(queryCount)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let row = 0; row < queryCount; row++) {
    const query = queries.subarray(row * dim, (row + 1) * dim);
    const scores = index.score(query, ids);
    const logQ = index.logQ(query, ids, proposal);
    const logZ = logSumExp(scores, { exp64, log64 });
    let chiSquare = 0;
    for (let id = 0; id < itemCount; id++) {
      const logP = (scores[id] as number) - logZ;
      const p = exp64(logP);
      kl[row] = (kl[row] as number) + p * (logP - (logQ[id] as number));
      variation[row] = (variation[row] as number) + Math.abs(p - exp64(logQ[id] as number)) / 2;
      chiSquare += p * exp64(logP - (logQ[id] as number));
    }
    share[row] = 1 / chiSquare;
    const found = index.topK(query, 10, proposal).ids;
    const best = bestIds(scores, found.length);
    recall[row] = best.filter((id) => found.includes(id)).length / best.length;
    error[row] = Math.abs(index.logPartition(query, { ...proposal, draws, seed }).logPartition - logZ);
  }
  return {
    queryCount,
    scan,
    rescore,
    recallAt10: mean(recall),
    klDivergence: mean(kl),
    totalVariation: mean(variation),
    effectiveSampleShare: quantile(share, 0.5),
    logPartitionErrorP90: quantile(error, 0.9),
    draws,
  };
}

function logSumExp(scores: Float32Array, { exp64, log64 }: Logarithms): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const score of scores) if (score > largest) largest = score;
  let sum = 0;
  for (const score of scores) sum += exp64(score - largest);
  return largest + log64(sum);
}

/** Highest score first, then lower id. */
function bestIds(scores: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let id = 0; id < scores.length; id++) {
    const score = scores[id] as number;
    if (best.length === count && score <= (scores[best[count - 1] as number] as number)) continue;
    let at = best.length === count ? count - 1 : best.length;
    while (at > 0 && score > (scores[best[at - 1] as number] as number)) at--;
    if (best.length === count) best.pop();
    best.splice(at, 0, id);
  }
  return best;
}

const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / (values.length || 1);

const quantile = (values: Float64Array, share: number): number =>
  values.slice().sort()[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN;
