import queryBytes from "../../build/query.wasm?bytes";
import { instantiateQuery } from "../kernels.ts";
import type { MultiIndex } from "../multi-index.ts";
import { type MeasureOptions, measureWith, type Quality } from "./measure.ts";

/** Compares `index` with full enumeration on each of `queries`, f32 (n, dim); O(N·D) a query. */
export async function measure(
  index: MultiIndex,
  queries: Float32Array,
  options: MeasureOptions = {},
): Promise<Quality> {
  return measureWith(instantiateQuery(await WebAssembly.compile(queryBytes)), index, queries, options);
}
