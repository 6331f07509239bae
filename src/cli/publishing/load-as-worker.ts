import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import { workerBytes } from "../../../worker/host/worker-bytes.ts";
import type { IndexSource } from "../../bytes/byte-source.ts";
import { describe } from "../../index/describe.ts";
import type { IndexInfo } from "../../index/info.ts";
import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";
import { type LoadOptions, limitsOf } from "../../memory/load-options.ts";
import { openIndex } from "../../memory/opened-index.ts";

/**
 * Checks an index by loading it with the limits of a Worker, and without the batch module, which Workers do not carry. Returns its
 * facts with the memory that a Worker needs: a process that has more keeps more tables.
 */
export async function loadAsWorker(source: IndexSource, limits: LoadOptions = {}): Promise<IndexInfo> {
  const most = limitsOf({ ...INDEX_LIMITS, maxBytes: ADDRESSABLE_BYTES, ...limits });
  const opened = await openIndex(await compileInlined(), source, most);
  return { ...describe(opened), memoryBytes: workerBytes(opened.header, most.maxDelta) };
}
