import queryBytes from "../../build/query.wasm?bytes";
import { instantiateQuery } from "../kernels.ts";
import type { MultiIndex } from "../multi-index.ts";
import { checkIndex, checkQueries } from "./build-input.ts";
import { refuseScanBesideRescore } from "./evaluation/effort.ts";
import { functionOptions } from "./function-options.ts";
import { type MeasureOptions, measureWith, type Quality } from "./measure.ts";

/** Compares `index` with full enumeration on each of `queries`, f32 (n, dim); O(N·D) a query. */
export async function measure(
  index: MultiIndex,
  queries: Float32Array,
  options: MeasureOptions = {},
): Promise<Quality> {
  const given = functionOptions("measure", options);
  refuseScanBesideRescore(given);
  checkQueries(queries, checkIndex(index).dim);
  return measureWith(instantiateQuery(await WebAssembly.compile(queryBytes)), index, queries, given);
}
