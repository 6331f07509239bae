import type { IndexSource } from "../bytes/byte-source.ts";
import type { Modules } from "../memory/kernels.ts";
import { type LoadOptions, limitsOf } from "../memory/load-options.ts";
import { openIndex } from "../memory/opened-index.ts";
import { describe } from "./describe.ts";
import { MultiIndex } from "./multi-index.ts";

/** Loads an index with the given modules. */
export async function loadWith(modules: Modules, source: IndexSource, options: LoadOptions = {}): Promise<MultiIndex> {
  const limits = limitsOf(options);
  const opened = await openIndex(modules, source, limits);
  return new MultiIndex(opened, describe(opened), limits);
}
