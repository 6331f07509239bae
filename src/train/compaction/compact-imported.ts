import { functionOptions } from "../../checks/function-options.ts";
import { singleThread } from "../runtime/worker-pool.ts";
import { checksumOf } from "./base-index.ts";
import { compactWith } from "./compact.ts";
import { COMPACT_OPTIONS, type Compaction, type CompactOptions } from "./compact-options.ts";
import { IMPORTED_MODULES, importedKernels } from "./imported-kernels.ts";
import { measureCompacted } from "./measure-compacted.ts";
import { type Changes, type ChangesInOrder, inOrder } from "./resolved-changes.ts";

/** `compact` for Cloudflare Workers, documented in compact-inlined.ts: the modules are imported. */
export async function compact(
  file: Uint8Array,
  changes: Changes | ChangesInOrder,
  options: CompactOptions = {},
): Promise<Compaction> {
  const checked = functionOptions("compact", COMPACT_OPTIONS, options);
  const kernels = importedKernels();
  const compacted = await compactWith(kernels, file, inOrder(changes), checked);
  const pool = singleThread({ modules: IMPORTED_MODULES });
  await measureCompacted(IMPORTED_MODULES, checksumOf(kernels), compacted, checked, pool);
  return { file: compacted.file, report: compacted.report };
}
