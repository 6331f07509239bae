import exact from "../build/exact.wasm";
import query from "../build/query.wasm";
import scan from "../build/scan.wasm";
import relaxedScan from "../build/scan-relaxed.wasm";
import type { IndexSource } from "./bytes/byte-source.ts";
import { loadWith } from "./index/load.ts";
import type { MultiIndex } from "./index/multi-index.ts";
import { type LoadOptions, loadOptions, simdOf } from "./memory/load-options.ts";
import { modulesOf } from "./memory/precompiled-modules.ts";

/**
 * `load` for Cloudflare Workers, documented in load-inlined.ts. workerd does not compile bytes at run time, so the
 * modules are imported. It has relaxed SIMD, so a module that needs it can be imported, and `simd` still decides
 * whether to use it.
 */
export async function load(source: IndexSource, options: LoadOptions = {}): Promise<MultiIndex> {
  const checked = loadOptions(options);
  const imported = { query, exact, scan: simdOf(checked) === "base" ? scan : relaxedScan };
  return loadWith(modulesOf(checked) ?? imported, source, checked);
}
