import { MAGNITUDE_LIMIT } from "../../checks/check.ts";
import { instantiateQuery, type Modules } from "../../memory/kernels.ts";
import type { Logarithms } from "../arithmetic/logarithms.ts";
import { PURPOSE, uniforms } from "../random/uniforms.ts";
import { type RowTable, unitTable } from "../rows/row-table.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import { directionsOf, drawBags } from "./bags.ts";
import { bestRows } from "./best-rows.ts";
import { entropyOfBias, planEntropy } from "./entropy.ts";
import { drawEntropySample } from "./entropy-sample.ts";
import type { RowPool } from "./query-pools.ts";
import { weightsOf } from "./row-weights.ts";
import { scaleFor } from "./scale.ts";
import { scoreSample } from "./scores.ts";
import { BEST_ROWS, planSoftmaxes } from "./softmaxes.ts";

export interface StandInTools {
  /** Searches all rows. */
  readonly pool: RowPool;
  readonly modules: Pick<Modules, "query">;
}

/** The classes for whose queries the stand-ins are made. */
export interface StandInClasses {
  readonly table: RowTable;
  readonly metric: "dot" | "cosine";
  readonly bias: ArrayLike<number> | undefined;
}

export interface StandIns {
  /** f32 (n, D). */
  readonly queries: Float32Array;
  /** The direction of the mean row that the queries are without, at unit length, or zero. */
  readonly mean: Float32Array;
  /** f32 (n, D): rows that were drawn for the queries, one for each. With "cosine" they have unit length. */
  readonly rows: Float32Array;
}

/** The entropies of the softmaxes are uniform between these shares of the entropy without a query. */
const LEAST_SHARE = 0.05;
const MOST_SHARE = 0.95;

/**
 * Makes `count` queries that behave like those of a model, from the rows of its softmax alone. A query is the mean of
 * BAG_ROWS rows, drawn by e^(bias / 2), less the mean of all rows weighted in the same way. It is scaled so that the entropy
 * of its softmax is a uniform share, 5 to 95 %, of that of the biases, which without biases is log N: real queries are of
 * all kinds, from sure to undecided. With "cosine" the share is of log N, and 1 / ‖query‖ is the temperature at which the
 * softmax has this entropy.
 *
 * The queries are a function of the arguments. The table is read three times. Beside the result it takes memory for `count`
 * times SAMPLE_ROWS scores.
 */
export async function standInQueries(
  { pool, modules: { query } }: StandInTools,
  { table, metric, bias }: StandInClasses,
  { count, seed }: { readonly count: number; readonly seed: bigint },
  yieldIfDue: YieldIfDue,
): Promise<StandIns> {
  const { itemCount, dim } = table;
  if (itemCount === 0) {
    return { queries: new Float32Array(0), mean: new Float32Array(dim), rows: new Float32Array(0) };
  }
  const logarithms: Logarithms = instantiateQuery(query);
  const uniform = uniforms({ seed, purpose: PURPOSE.standIns, codebook: 1, restart: 0 });
  const rows = metric === "cosine" ? unitTable(table) : table;
  const weights = weightsOf(logarithms, itemCount, bias);
  const sample = drawEntropySample(logarithms, weights, uniform(count));
  const directions = await directionsOf(rows, weights, drawBags(weights, count, seed));
  const { queries } = directions;
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
  return directions;
}

/** Computes the standard deviation of values. */
function deviationOf(values: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / values.length;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
