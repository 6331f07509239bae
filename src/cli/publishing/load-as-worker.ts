import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import type { IndexSource } from "../../bytes/byte-source.ts";
import { loadWith } from "../../index/load.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";
import type { LoadOptions } from "../../memory/load-options.ts";

/**
 * Loads an index with the limits of a Worker, and without the batch module, which Workers do not carry. So `memoryBytes` of its
 * facts is the memory that an isolate needs.
 */
export const loadAsWorker = async (source: IndexSource, limits: LoadOptions = {}): Promise<MultiIndex> =>
  loadWith(await compileInlined(), source, { ...INDEX_LIMITS, maxBytes: ADDRESSABLE_BYTES, ...limits });
