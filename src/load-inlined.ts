import type { IndexSource } from "./bytes/byte-source.ts";
import { loadWith } from "./index/load.ts";
import type { MultiIndex } from "./index/multi-index.ts";
import { compileInlined } from "./memory/compile-inlined.ts";
import { modulesOf } from "./memory/given-modules.ts";
import { type LoadOptions, loadOptions, simdOf } from "./memory/load-options.ts";

/**
 * Loads an index file: one copy into memory of its own, everything in it validated before the first query.
 *
 * FormatError for a damaged, truncated or foreign file; RangeError where it needs more than `maxBytes`.
 *
 * @example
 * const index = await load(await fetch("words.midx"));
 */
export async function load(source: IndexSource, options: LoadOptions = {}): Promise<MultiIndex> {
  const given = loadOptions(options);
  return loadWith(modulesOf(given) ?? (await compileInlined(simdOf(given))), source, given);
}
