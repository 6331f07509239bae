import type { RankedList } from "./best-rows.ts";
import type { SampledSoftmax } from "./entropy.ts";
import type { EntropySample } from "./entropy-sample.ts";

/**
 * The rows with the largest inner products, which a softmax has beside the sample. Where it is concentrated they hold nearly
 * all mass, and a sample alone misses them: on a million classes a tenth of the queries got less than half of the entropy
 * they were to have.
 */
export const BEST_ROWS = 256;

interface SoftmaxParts {
  readonly sample: EntropySample;
  /** f32 (n, ids of the sample). */
  readonly scores: Float32Array;
  /** The best rows for each query. None if the sample has all rows. */
  readonly best: readonly RankedList[];
  readonly bias: ArrayLike<number> | undefined;
  readonly metric: "dot" | "cosine";
}

/** Returns a function that gives the softmax of a query. The next call overwrites the result. */
export function planSoftmaxes({ sample, scores, best, bias, metric }: SoftmaxParts): (query: number) => SampledSoftmax {
  const { ids } = sample;
  const most = ids.length + BEST_ROWS;
  const all = { scores: new Float32Array(most), biases: new Float32Array(most), logShares: new Float32Array(most) };
  const placeOf = new Map(best.length > 0 ? Array.from(ids, (id, i) => [id, i]) : []);
  const put = (i: number, id: number, score: number, logShare: number): void => {
    const added = (bias?.[id] as number | undefined) ?? 0;
    all.scores[i] = metric === "cosine" ? score + added : score;
    all.biases[i] = metric === "cosine" ? 0 : added;
    all.logShares[i] = logShare;
  };
  return (query) => {
    for (const [i, id] of ids.entries()) {
      put(i, id, scores[query * ids.length + i] as number, sample.logShares[i] as number);
    }
    let count = ids.length;
    for (const [rank, id] of best[query]?.ids.entries() ?? []) {
      put(placeOf.get(id) ?? count++, id, best[query]?.scores[rank] as number, 0);
    }
    return {
      scores: all.scores.subarray(0, count),
      biases: all.biases.subarray(0, count),
      logShares: all.logShares.subarray(0, count),
    };
  };
}
