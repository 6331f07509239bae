import queryBytes from "../../../build/query.wasm?bytes";
import { functionOptions } from "../../checks/function-options.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import { instantiateQuery, type QueryKernels } from "../../memory/kernels.ts";
import { checkEvaluated, type EvaluateOptions, evaluateWith } from "./evaluate.ts";
import type { EvaluatedIndex } from "./evaluated-index.ts";
import type { Evaluation } from "./evaluation.ts";
import { MEASURE_OPTIONS, type MeasureOptions, measureWith, type Quality } from "./measure.ts";

const queryKernels = async (): Promise<QueryKernels> => instantiateQuery(await WebAssembly.compile(queryBytes));

/**
 * Compares the answers of an index with the exact ones: recall of topK and predict, divergence and effective sample size of
 * the proposal, errors of the log-partition, and calibration of probabilities. It computes all N classes exactly for each
 * query, O(N · D). The same index, queries, options and seed give the same numbers.
 *
 * @param index An index from `load`.
 * @param queries f32 (n, D), at least one query. They should resemble the queries to come.
 * @param options The effort of the answers that are measured, and hooks.
 * @returns The report.
 * @throws TypeError or RangeError that names the argument, and the reason of `signal` once it is aborted.
 *
 * @example
 * const data = Float32Array.from({ length: 200 * 8 }, (_, i) => Math.sin(i * i)); // 200 rows of 8 values
 * const index = await load(await build({ data, shape: [200, 8] }));
 * const queries = data.slice(0, 10 * 8);
 * const { recall, logPartition } = await evaluate(index, queries, { scan: 50, draws: 20 });
 * console.log(recall, logPartition.rootMeanSquare);
 * index.dispose();
 */
export async function evaluate(
  index: MultiIndex,
  queries: Float32Array,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  return evaluateWith(await queryKernels(), index, queries, options);
}

/** Evaluates anything that answers as an index does, as `evaluate` does. */
export const evaluateAsked = async (
  index: EvaluatedIndex,
  queries: Float32Array,
  options: EvaluateOptions,
): Promise<Evaluation> => evaluateWith(await queryKernels(), index, queries, options);

/**
 * Measures an index in a few numbers: recall of topK, divergence of the proposal and error of the log-partition. `evaluate`
 * says more. It computes all N classes exactly for each query, O(N · D).
 *
 * @param index An index from `load`, with at least one class.
 * @param queries f32 (n, D), at least one query. They should resemble the queries to come.
 * @param options The effort of the answers that are measured.
 * @returns The numbers.
 * @throws TypeError or RangeError that names the argument.
 *
 * @example
 * const data = Float32Array.from({ length: 200 * 8 }, (_, i) => Math.sin(i * i)); // 200 rows of 8 values
 * const index = await load(await build({ data, shape: [200, 8] }));
 * const { recallAt10, klDivergence } = await measure(index, data.slice(0, 10 * 8), { scan: 50 });
 * console.log(recallAt10, klDivergence);
 * index.dispose();
 */
export async function measure(
  index: MultiIndex,
  queries: Float32Array,
  options: MeasureOptions = {},
): Promise<Quality> {
  const checked = functionOptions("measure", MEASURE_OPTIONS, options);
  checkEvaluated(index, queries);
  return measureWith(await queryKernels(), index, queries, checked);
}
