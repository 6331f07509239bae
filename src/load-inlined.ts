import queryBytes from "../build/query.wasm?bytes";
import scanBytes from "../build/scan.wasm?bytes";
import relaxedScanBytes from "../build/scan-relaxed.wasm?bytes";
import wholeBytes from "../build/whole.wasm?bytes";
import type { IndexSource } from "./byte-source.ts";
import type { Modules } from "./kernels.ts";
import { loadWith } from "./load.ts";
import type { LoadOptions } from "./load-options.ts";
import type { MultiIndex } from "./multi-index.ts";

let compiled: Promise<Modules> | undefined;

/**
 * Loads an index file: one copy into memory of its own, everything in it validated before the first query.
 *
 * FormatError for a damaged, truncated or foreign file; RangeError where it needs more than `maxBytes`.
 *
 * @example
 * const index = await load(await fetch("words.midx"));
 */
export async function load(source: IndexSource, options?: LoadOptions): Promise<MultiIndex> {
  return loadWith(await compileInlined(), source, options);
}

/** The modules that the bundle holds, compiled once. */
export function compileInlined(): Promise<Modules> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<Modules> {
  const [query, whole, scan] = await Promise.all([
    WebAssembly.compile(queryBytes),
    WebAssembly.compile(wholeBytes),
    WebAssembly.compile(WebAssembly.validate(relaxedScanBytes) ? relaxedScanBytes : scanBytes),
  ]);
  return { query, whole, scan };
}
