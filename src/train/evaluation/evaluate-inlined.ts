import queryBytes from "../../../build/query.wasm?bytes";
import { functionOptions } from "../../checks/function-options.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import { instantiateQuery, type QueryKernels } from "../../memory/kernels.ts";
import { checkQueries } from "../rows/matrix.ts";
import { checkIndex } from "./check-index.ts";
import { type EvaluateOptions, evaluateWith } from "./evaluate.ts";
import type { Evaluation } from "./evaluation.ts";
import { MEASURE_OPTIONS, type MeasureOptions, measureWith, type Quality } from "./measure.ts";

const queryKernels = async (): Promise<QueryKernels> => instantiateQuery(await WebAssembly.compile(queryBytes));

/**
 * Compares the answers of `index` to `queries`, f32 (n, dim), with every class enumerated; O(N·D) a query.
 *
 * @example
 * const { recall, logPartition } = await evaluate(index, queries);
 */
export async function evaluate(
  index: MultiIndex,
  queries: Float32Array,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  return evaluateWith(await queryKernels(), index, queries, options);
}

/** Compares `index` with full enumeration on each of `queries`, f32 (n, dim); O(N·D) a query. */
export async function measure(
  index: MultiIndex,
  queries: Float32Array,
  options: MeasureOptions = {},
): Promise<Quality> {
  const given = functionOptions("measure", MEASURE_OPTIONS, options);
  checkQueries(queries, checkIndex(index).dim);
  return measureWith(await queryKernels(), index, queries, given);
}
