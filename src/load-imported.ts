import exact from "../build/exact.wasm";
import query from "../build/query.wasm";
import scan from "../build/scan.wasm";
import relaxedScan from "../build/scan-relaxed.wasm";
import type { IndexSource } from "./bytes/byte-source.ts";
import { loadWith } from "./index/load.ts";
import type { MultiIndex } from "./index/multi-index.ts";
import { modulesOf } from "./memory/given-modules.ts";
import { type LoadOptions, loadOptions, simdOf } from "./memory/load-options.ts";

/**
 * load (load-inlined.ts) for Workers, where modules are imported: workerd compiles no bytes at run time. It has relaxed
 * SIMD, so a module that needs it can be imported; whether to take it is still the caller's choice.
 */
export async function load(source: IndexSource, options: LoadOptions = {}): Promise<MultiIndex> {
  const given = loadOptions(options);
  const imported = { query, exact, scan: simdOf(given) === "base" ? scan : relaxedScan };
  return loadWith(modulesOf(given) ?? imported, source, given);
}
