import type { IndexSource } from "../bytes/byte-source.ts";
import type { Modules } from "../memory/kernels.ts";
import { type LoadOptions, limitsOf } from "../memory/load-options.ts";
import { type Batches, openIndex } from "../memory/opened-index.ts";
import { describe } from "./describe.ts";
import { MultiIndex } from "./multi-index.ts";

/** Loads an index with the given modules, and with what answers batches together. */
export async function loadWith(
  modules: Modules,
  source: IndexSource,
  options: LoadOptions = {},
  batches?: Batches,
): Promise<MultiIndex> {
  const limits = limitsOf(options);
  const opened = await openIndex(modules, source, limits, batches);
  return new MultiIndex(opened, describe(opened), limits);
}
