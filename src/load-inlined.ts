import queryBytes from "../build/query.wasm?bytes";
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
  compiled ??= compile();
  return loadWith(await compiled, source, options);
}

async function compile(): Promise<Modules> {
  const [query, whole] = await Promise.all([WebAssembly.compile(queryBytes), WebAssembly.compile(wholeBytes)]);
  return { query, whole };
}
