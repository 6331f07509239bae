import type { IndexSource } from "./byte-source.ts";
import { compileInlined } from "./compile-inlined.ts";
import { modulesOf } from "./given-modules.ts";
import { loadWith } from "./load.ts";
import { type LoadOptions, loadOptions, simdOf } from "./load-options.ts";
import type { MultiIndex } from "./multi-index.ts";

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
