import { loadScoring } from "./evaluation.ts";
import { type Examples, idsOf } from "./examples.ts";
import type { ModelKernels } from "./kernels.ts";
import type { Model } from "./model.ts";

/** How well a model does by the softmax over all classes, exactly: means over the rows. */
export interface Metrics {
  readonly rowCount: number;
  /** −(1/P) Σ log P(positive), in nats. */
  readonly loss: number;
  /** e^loss. */
  readonly perplexity: number;
  readonly k: number;
  /** Σ over positives among the k best of 1 / log₂(rank + 2), over the most it could be. */
  readonly ndcg: number;
  /** Share of the positives among the k best. */
  readonly recall: number;
  /** Share of the k best that are positives. */
  readonly precision: number;
}

/** Ranks are from 0 on, equal scores by lower id. */
export function metricsOf(
  kernels: ModelKernels,
  model: Model,
  examples: Examples,
  rows: ArrayLike<number>,
  k: number,
): Metrics {
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`"k" expected an integer ≥ 1, got ${k}`);
  const { classCount } = model.shape;
  const gains = gainsOf(kernels, k);
  let [loss, ndcg, recall, precision] = [0, 0, 0, 0];
  loadScoring(kernels, model, examples).each(rows, ({ row, scores, positives, positiveCount }) => {
    const own = idsOf(examples.positives, row);
    const ranks = Array.from(own, (id) => kernels.rankOf(scores, classCount, id)).sort((a, b) => a - b);
    const found = ranks.filter((rank) => rank < k);
    const gain = found.reduce((sum, rank) => sum + (gains[rank] as number), 0);
    ndcg += gain / gains.slice(0, positiveCount).reduce((sum, most) => sum + most, 0);
    recall += found.length / positiveCount;
    precision += found.length / k;
    loss += kernels.softmaxGradient(scores, classCount, positives, positiveCount, 0);
  });
  const count = rows.length;
  return {
    rowCount: count,
    loss: loss / count,
    perplexity: kernels.exp64(loss / count),
    k,
    ndcg: ndcg / count,
    recall: recall / count,
    precision: precision / count,
  };
}

/** 1 / log₂(rank + 2) of each of the k best. */
const gainsOf = ({ log64 }: ModelKernels, k: number): number[] =>
  Array.from({ length: k }, (_, rank) => log64(2) / log64(rank + 2));
