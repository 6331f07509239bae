import { checkCount, checkSeed, isArrayLike, isTypedArray, kindOf } from "../../checks/check.ts";
import { optionsWithoutNull } from "../../checks/known-options.ts";
import { drawSeed } from "../random/draw-seed.ts";
import type { SampledClasses, Sampler } from "./sampler.ts";

/** The classes that a batch of queries does not draw. */
export interface BatchExcluded {
  /** For each query the ids of classes that it does not draw, such as its positives. Default: none. */
  readonly excluded?: readonly ArrayLike<number>[];
}

/** Options of `drawBatch`. */
export interface BatchDrawOptions extends BatchExcluded {
  /** An integer, taken modulo 2^64; each step of a training needs another one. Default: a random one. */
  readonly seed?: number | bigint;
}

const NONE = new Int32Array(0);

/**
 * Draws for each query of a batch, as `sampler.draw` does for one.
 *
 * @param sampler the source of the draws
 * @param queries f32 (batch, dim), end to end
 * @param batch the number of queries, at least 1
 * @param count the number of draws for each query
 * @param options ids that queries do not draw, and the seed
 * @returns ids i32 (batch, count) and log Q f64 (batch, count), end to end
 * @throws TypeError or RangeError that names the argument, for a query with its number
 *
 * @example
 * const rows = Float32Array.from({ length: 100 * 8 }, (_, i) => Math.sin(i)); // 100 classes, dim 8
 * const sampler = await createSampler({ kind: "midx" }, { rows, biases: new Float32Array(100) });
 * const queries = rows.slice(0, 2 * 8); // of two examples, whose positives are classes 0 and 7
 * const { ids, logQ } = drawBatch(sampler, queries, 2, 20, { excluded: [[0], [7]], seed: 1 });
 * console.log(ids.length, logQ.length); // 40 40
 */
export function drawBatch(
  sampler: Sampler,
  queries: Float32Array,
  batch: number,
  count: number,
  options: BatchDrawOptions = {},
): SampledClasses {
  const { excluded, seed } = optionsWithoutNull("drawBatch", options, ["excluded", "seed"]);
  checkSampler(sampler);
  const first = checkSeed(seed);
  const each = queriesOf(queries, batch, excluded);
  checkCount("count", count, Math.floor(MOST_VALUES / batch), "2^31 − 1 draws of all queries");
  const ids = new Int32Array(batch * count);
  const logQ = new Float64Array(batch * count);
  for (const [q, query, without] of each) {
    const drawn = ofQuery(q, () => sampler.draw(query, count, without, drawSeed(first, q)));
    ids.set(drawn.ids, q * count);
    logQ.set(drawn.logQ, q * count);
  }
  return { ids, logQ };
}

/**
 * Returns log Q of classes of each query of a batch, as `sampler.logQ` does for one.
 *
 * @param sampler the source of the draws
 * @param queries f32 (batch, dim), end to end
 * @param batch the number of queries, at least 1
 * @param ids (batch, n): the same number of classes for each query, end to end
 * @param options the ids that queries do not draw
 * @returns f64 (batch, n), end to end
 * @throws TypeError or RangeError that names the argument, for a query with its number
 *
 * @example
 * const rows = Float32Array.from({ length: 100 * 8 }, (_, i) => Math.sin(i)); // 100 classes, dim 8
 * const sampler = await createSampler({ kind: "midx" }, { rows, biases: new Float32Array(100) });
 * const logQ = logQBatch(sampler, rows.slice(0, 2 * 8), 2, [0, 7]); // one positive for each of two queries
 * console.log(logQ.length); // 2
 */
export function logQBatch(
  sampler: Sampler,
  queries: Float32Array,
  batch: number,
  ids: ArrayLike<number>,
  options: BatchExcluded = {},
): Float64Array {
  const { excluded } = optionsWithoutNull("logQBatch", options, ["excluded"]);
  checkSampler(sampler);
  if (!isArrayLike(ids)) throw new TypeError(`"ids" expected an array of ids, got ${kindOf(ids)}`);
  const each = queriesOf(queries, batch, excluded);
  const own = ids.length / batch;
  if (!Number.isInteger(own)) {
    throw new RangeError(`"ids" expected as many for each of ${batch} queries, got ${ids.length} in all`);
  }
  const logQ = new Float64Array(ids.length);
  for (const [q, query, without] of each) {
    const classes = Array.from({ length: own }, (_, i) => ids[q * own + i] as number);
    logQ.set(
      ofQuery(q, () => sampler.logQ(query, classes, without)),
      q * own,
    );
  }
  return logQ;
}

const MOST_VALUES = 2 ** 31 - 1;

/**
 * Returns number, values and excluded ids of each query. A RangeError names the arguments that do not fit together. `argument` is
 * the one that has the number of queries.
 */
export function queriesOf(
  queries: Float32Array,
  batch: number,
  excluded?: readonly ArrayLike<number>[],
  argument = "batch",
): [number, Float32Array, ArrayLike<number>][] {
  if (!isTypedArray(queries, "Float32Array")) {
    throw new TypeError(`"queries" expected a Float32Array, got ${kindOf(queries)}`);
  }
  if (Number.isInteger(batch) && batch < 1) throw new RangeError(`"${argument}" expected 1 or more, got ${batch}`);
  checkCount(argument, batch, MOST_VALUES, "2^31 − 1");
  const dim = queries.length / batch;
  if (!Number.isInteger(dim)) {
    throw new RangeError(`"queries" expected ${batch} × dim values, got ${queries.length}`);
  }
  if (excluded !== undefined && excluded.length !== batch) {
    throw new RangeError(`"excluded" expected ids for each of ${batch} queries, got ${excluded.length}`);
  }
  return Array.from({ length: batch }, (_, q) => [q, queries.slice(q * dim, (q + 1) * dim), excluded?.[q] ?? NONE]);
}

/** Checks for an object that draws. A promise of one is what createSampler returns. */
export function checkSampler(sampler: Sampler): void {
  const { draw, logQ }: Partial<Sampler> = Object(sampler);
  if (typeof draw === "function" && typeof logQ === "function") return;
  throw new TypeError(`"sampler" expected a sampler, such as that of createSampler, got ${kindOf(sampler)}`);
}

/** Runs a call for one query. Its errors name the query. */
function ofQuery<Answer>(q: number, call: () => Answer): Answer {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error) error.message = `query ${q}: ${error.message}`;
    throw error;
  }
}
