import batchDebug from "../build/batch.debug.wasm";
import batch from "../build/batch.wasm";
import exactDebug from "../build/exact.debug.wasm";
import exact from "../build/exact.wasm";
import queryDebug from "../build/query.debug.wasm";
import query from "../build/query.wasm";
import scanDebug from "../build/scan.debug.wasm";
import scan from "../build/scan.wasm";
import relaxedScan from "../build/scan-relaxed.wasm";
import type { Modules } from "../src/memory/kernels.ts";

/**
 * The places where asconfig.json puts the static data of the modules behind the first. That of the scan module includes
 * a block's sums.
 */
export const EXACT_BASE = 2048;
export const SCAN_BASE = 3072;
/** The batch module has its own in front of those of the query module, where the compiler puts them. */
export const BATCH_BASE = 512;
export const QUERY_BASE = 1024;

/**
 * The builds of the modules: with assertions, the one that ships, and the one that ships for relaxed SIMD, which
 * differs in the scan module alone.
 */
export const BUILDS: Readonly<
  Record<"debug" | "release" | "relaxed", Modules & { readonly batch: WebAssembly.Module }>
> = {
  debug: { query: queryDebug, exact: exactDebug, scan: scanDebug, batch: batchDebug },
  release: { query, exact, scan, batch },
  relaxed: { query, exact, scan: relaxedScan, batch },
};
