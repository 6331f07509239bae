import { checkCount, checkSeed } from "../../checks/check.ts";
import { optionsWithoutNull } from "../../checks/known-options.ts";
import { checkSampler, queriesOf } from "../samplers/batches.ts";
import { mixLogs } from "../samplers/log-mixture.ts";
import type { SampledClasses, Sampler } from "../samplers/sampler.ts";
import { drawFromMixture } from "./shared-draws.ts";

/** Options of `drawShared`. */
export interface SharedDrawOptions {
  /** The most queries whose proposals are mixed, at least 1. They are evenly spaced. Default 8. */
  readonly proposals?: number;
  /** An integer, taken modulo 2^64; each step of a training needs another one. Default: a random one. */
  readonly seed?: number | bigint;
}

const MOST_PROPOSALS = 4096;

/**
 * Draws one set of classes for all queries of a block, such as the positions of a sequence, from a mixture of their
 * proposals. It costs as much as the draws of a few queries. Σ_j f(j) / (M Q̄(j)) over the M draws is unbiased for Σ_i f(i),
 * for every query of the block. Mask draws that are the positive of a query. Make a set for each block of some 200 positions:
 * the queries of a whole batch differ too much for one mixture, and a set for it would cost little less.
 *
 * @param sampler the source of the draws
 * @param queries f32 (block, dim), end to end
 * @param block the number of queries, at least 1
 * @param count the number of draws for all of them
 * @param options how many proposals are mixed, and the seed
 * @returns ids i32 (count) and the exact log Q̄ of the mixture, f64 (count)
 * @throws TypeError or RangeError that names the argument
 *
 * @example
 * const rows = Float32Array.from({ length: 100 * 8 }, (_, i) => Math.sin(i)); // 100 classes, dim 8
 * const sampler = await createSampler({ kind: "midx" }, { rows, biases: new Float32Array(100) });
 * const queries = rows.slice(0, 50 * 8); // of the 50 positions of a sequence
 * const { ids, logQ } = drawShared(sampler, queries, 50, 64, { seed: 1 });
 * console.log(ids.length, logQ.length); // 64 64
 */
export function drawShared(
  sampler: Sampler,
  queries: Float32Array,
  block: number,
  count: number,
  options: SharedDrawOptions = {},
): SampledClasses {
  const { proposals = 8, seed } = optionsWithoutNull("drawShared", options, ["proposals", "seed"]);
  checkSampler(sampler);
  const [first] = queriesOf(queries, block, undefined, "block");
  checkCount("count", count, 2 ** 31 - 1, "2^31 − 1");
  checkCount("proposals", proposals, MOST_PROPOSALS, `${MOST_PROPOSALS}`);
  if (proposals === 0) throw new RangeError('"proposals" expected 1 or more, got 0');
  const dim = first?.[1].length ?? 0;
  if (count === 0) return { ids: new Int32Array(0), logQ: new Float64Array(0) };
  return drawFromMixture(mixLogs, sampler, queries, dim, { negatives: count, proposals }, checkSeed(seed));
}
