import { shown } from "../../checks/check.ts";
import { loadScoring } from "./evaluation.ts";
import { type Examples, idsOf, type RaggedIds } from "./examples.ts";
import type { ModelKernels } from "./kernels.ts";
import type { Model } from "./model.ts";

/**
 * The quality of a model's predictions, computed exactly over all classes. Every value but the perplexity is
 * a mean over the examples. Ranks count from 0, and equal scores are ranked by lower id.
 */
export interface Metrics {
  /** Number of examples that were evaluated. */
  readonly rowCount: number;
  /** Cross-entropy in nats: the mean of −log P over the positives of an example. */
  readonly loss: number;
  /** e^loss. */
  readonly perplexity: number;
  /** The k of the next three values. */
  readonly k: number;
  /**
   * Normalised discounted cumulative gain at k: Σ 1 / log₂(rank + 2) over the positives among the k best, divided by its
   * maximum.
   */
  readonly ndcg: number;
  /** Share of the positives that are among the k best. */
  readonly recall: number;
  /** Share of the k best that are positives. */
  readonly precision: number;
}

export function metricsOf(
  kernels: ModelKernels,
  model: Model,
  examples: Examples,
  rows: ArrayLike<number>,
  k: number,
): Metrics {
  const [metrics] = metricsAt(kernels, model, examples, rows, [k]);
  return metrics as Metrics;
}

/**
 * Computes the metrics for several k. Classes in a row of `ignored` are not ranked, for example those that are already
 * known.
 */
export function metricsAt(
  kernels: ModelKernels,
  model: Model,
  examples: Examples,
  rows: ArrayLike<number>,
  ks: readonly number[],
  ignored?: RaggedIds,
): Metrics[] {
  for (const k of ks) {
    if (!Number.isInteger(k) || k < 1) throw new RangeError(`"k" expected an integer ≥ 1, got ${shown(k)}`);
  }
  const { classCount } = model.shape;
  const gains = gainsOf(kernels, Math.min(classCount, Math.max(...ks)));
  const sums = ks.map((k) => ({ k, ndcg: 0, recall: 0, precision: 0 }));
  let loss = 0;
  const { each, memory } = loadScoring(kernels, model, examples);
  each(rows, ({ row, scores, positives, positiveCount }) => {
    const positiveIds = idsOf(examples.positives, row);
    const scoreOf = memory.f32(scores, classCount);
    if (ignored) for (const id of idsOf(ignored, row)) scoreOf[id] = Number.NEGATIVE_INFINITY;
    const ranks = Array.from(positiveIds, (id) => kernels.rankOf(scores, classCount, id)).sort((a, b) => a - b);
    for (const sum of sums) {
      const { k } = sum;
      const found = ranks.filter((rank) => rank < k);
      const gain = found.reduce((total, rank) => total + (gains[rank] as number), 0);
      sum.ndcg += gain / gains.slice(0, Math.min(k, positiveCount)).reduce((total, most) => total + most, 0);
      sum.recall += found.length / positiveCount;
      sum.precision += found.length / k;
    }
    loss += kernels.softmaxGradient(scores, classCount, positives, positiveCount, 0);
  });
  const count = rows.length;
  return sums.map((sum) => ({
    rowCount: count,
    loss: loss / count,
    perplexity: kernels.exp64(loss / count),
    k: sum.k,
    ndcg: sum.ndcg / count,
    recall: sum.recall / count,
    precision: sum.precision / count,
  }));
}

/** Returns 1 / log₂(rank + 2) for each of the k best ranks. */
const gainsOf = ({ log64 }: ModelKernels, k: number): number[] =>
  Array.from({ length: k }, (_, rank) => log64(2) / log64(rank + 2));
