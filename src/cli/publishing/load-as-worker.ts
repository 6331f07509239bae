import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import type { IndexSource } from "../../bytes/byte-source.ts";
import { loadWith } from "../../index/load.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";

/** Loads an index as a Worker does: with its limits, and without the memory for batches, of which a Worker carries nothing. */
export const loadAsWorker = async (source: IndexSource): Promise<MultiIndex> =>
  loadWith(await compileInlined(), source, INDEX_LIMITS);
