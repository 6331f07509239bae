import queryBytes from "../../../build/query.wasm?bytes";
import type { MultiIndex } from "../../index/multi-index.ts";
import { instantiateQuery } from "../../memory/kernels.ts";
import { type EvaluateOptions, evaluateWith } from "./evaluate.ts";
import type { Evaluation } from "./evaluation.ts";

/**
 * What the answers of `index` to `queries`, f32 (n, dim), are worth, against every class enumerated; O(N·D) a query.
 *
 * @example
 * const { recall, logPartition } = await evaluate(index, queries);
 */
export async function evaluate(
  index: MultiIndex,
  queries: Float32Array,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  return evaluateWith(instantiateQuery(await WebAssembly.compile(queryBytes)), index, queries, options);
}
