import queryBytes from "../../../build/query.wasm?bytes";
import { functionOptions } from "../../checks/function-options.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import { instantiateQuery } from "../../memory/kernels.ts";
import { checkQueries } from "../rows/matrix.ts";
import { checkIndex } from "./check-index.ts";
import { refuseScanBesideRescore } from "./effort.ts";
import { MEASURE_OPTIONS, type MeasureOptions, measureWith, type Quality } from "./measure.ts";

/** Compares `index` with full enumeration on each of `queries`, f32 (n, dim); O(N·D) a query. */
export async function measure(
  index: MultiIndex,
  queries: Float32Array,
  options: MeasureOptions = {},
): Promise<Quality> {
  const given = functionOptions("measure", MEASURE_OPTIONS, options);
  refuseScanBesideRescore(given);
  checkQueries(queries, checkIndex(index).dim);
  return measureWith(instantiateQuery(await WebAssembly.compile(queryBytes)), index, queries, given);
}
