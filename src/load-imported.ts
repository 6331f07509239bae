import exact from "../build/exact.wasm";
import query from "../build/query.wasm";
import scan from "../build/scan-relaxed.wasm";
import type { IndexSource } from "./bytes/byte-source.ts";
import { loadWith } from "./index/load.ts";
import type { MultiIndex } from "./index/multi-index.ts";
import { type LoadOptions, loadOptions, simdOf } from "./memory/load-options.ts";
import { modulesOf } from "./memory/precompiled-modules.ts";

/**
 * `load` for Cloudflare Workers, documented in load-inlined.ts. workerd does not compile bytes at run time, so the
 * modules are imported. Every workerd has relaxed SIMD, which changes no answer, so a Worker carries no module without it
 * and `simd` decides nothing here.
 */
export async function load(source: IndexSource, options: LoadOptions = {}): Promise<MultiIndex> {
  const checked = loadOptions(options);
  simdOf(checked);
  if (checked.threads) throw new TypeError('"threads" expected none: Cloudflare Workers have no threads');
  return loadWith(modulesOf(checked) ?? { query, exact, scan }, source, checked);
}
