import type { IndexSource } from "./byte-source.ts";
import { describe } from "./describe.ts";
import type { Modules } from "./kernels.ts";
import { type LoadOptions, limitsOf } from "./load-options.ts";
import { MultiIndex } from "./multi-index.ts";
import { openIndex } from "./opened-index.ts";

/** load for one way of getting at the module. */
export async function loadWith(modules: Modules, source: IndexSource, options: LoadOptions = {}): Promise<MultiIndex> {
  const limits = limitsOf(options);
  const opened = await openIndex(modules, source, limits);
  return new MultiIndex(opened, describe(opened), limits);
}
