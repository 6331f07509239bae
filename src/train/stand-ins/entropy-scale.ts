import { MAGNITUDE_LIMIT } from "../../checks/check.ts";
import type { Logarithms } from "../arithmetic/logarithms.ts";
import type { RowTable } from "../rows/row-table.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import { bestRows } from "./best-rows.ts";
import { entropyOfBias, planEntropy } from "./entropy.ts";
import { drawEntropySample } from "./entropy-sample.ts";
import type { RowPool } from "./query-pools.ts";
import type { RowWeights } from "./row-weights.ts";
import { scaleFor } from "./scale.ts";
import { scoreSample } from "./scores.ts";
import { BEST_ROWS, planSoftmaxes } from "./softmaxes.ts";

/** The entropies of the softmaxes are uniform between these shares of the entropy without a query. */
const LEAST_SHARE = 0.05;
const MOST_SHARE = 0.95;

export interface EntropyTools {
  /** Searches all rows. */
  readonly pool: RowPool;
  readonly query: WebAssembly.Module;
  readonly logarithms: Logarithms;
}

/** The classes whose softmaxes have the entropies. */
export interface EntropyClasses {
  /** With "cosine", of unit length. */
  readonly rows: RowTable;
  readonly weights: RowWeights;
  readonly metric: "dot" | "cosine";
  readonly bias: ArrayLike<number> | undefined;
}

/**
 * Scales queries, f32 (n, D), so that the entropy of the softmax of each is a uniform share, 5 to 95 %, of that of the biases,
 * which without biases is log N: real queries are of all kinds, from sure to undecided. With "cosine" the share is of log N, and
 * 1 / ‖query‖ is the temperature at which the softmax has this entropy. `uniform` gives n + 1 random numbers. The table is read
 * once or twice.
 */
export async function scaleToEntropies(
  { pool, query, logarithms }: EntropyTools,
  { rows, weights, metric, bias }: EntropyClasses,
  { queries, uniform }: { readonly queries: Float32Array; readonly uniform: (index: number) => number },
  yieldIfDue: YieldIfDue,
): Promise<void> {
  const { itemCount, dim } = rows;
  const count = queries.length / dim;
  const sample = drawEntropySample(logarithms, weights, uniform(count));
  const scores = await scoreSample(query, rows, sample.ids, queries, yieldIfDue);
  const isWhole = sample.ids.length === itemCount;
  const searched = { table: rows, bias: undefined };
  const best = isWhole ? [] : await bestRows(pool, searched, queries, BEST_ROWS, yieldIfDue);
  const whole = entropyOfBias(logarithms, itemCount, metric === "cosine" ? undefined : bias);
  const entropyOf = planEntropy(query, sample.ids.length + BEST_ROWS);
  const softmaxOf = planSoftmaxes({ sample, scores, best, bias, metric });
  for (let i = 0; i < count; i++) {
    const softmax = softmaxOf(i);
    const share = LEAST_SHARE + (MOST_SHARE - LEAST_SHARE) * uniform(i);
    const deviation = deviationOf(softmax.scores);
    const found = deviation > 0 ? scaleFor((each) => entropyOf(softmax, each), share * whole, 1 / deviation) : 1;
    const scale = Math.min(found, MAGNITUDE_LIMIT);
    for (let d = i * dim; d < (i + 1) * dim; d++) queries[d] = scale * (queries[d] as number);
    await yieldIfDue();
  }
}

/** Computes the standard deviation of values. */
function deviationOf(values: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / values.length;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
