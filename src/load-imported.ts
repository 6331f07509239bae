import query from "../build/query.wasm";
import scan from "../build/scan-relaxed.wasm";
import whole from "../build/whole.wasm";
import type { IndexSource } from "./byte-source.ts";
import { loadWith } from "./load.ts";
import type { LoadOptions } from "./load-options.ts";
import type { MultiIndex } from "./multi-index.ts";

/** load (load-inlined.ts) for Workers, where modules are imported: workerd compiles no bytes at run time. */
export const load = (source: IndexSource, options?: LoadOptions): Promise<MultiIndex> =>
  loadWith({ query, whole, scan }, source, options);
