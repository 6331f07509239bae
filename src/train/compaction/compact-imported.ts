import exact from "../../../build/exact.wasm";
import query from "../../../build/query.wasm";
import scan from "../../../build/scan-relaxed.wasm";
import train from "../../../build/train.wasm";
import { functionOptions } from "../../checks/function-options.ts";
import { instantiateTrainKernels } from "../runtime/kernels.ts";
import { onThisThread } from "../stand-ins/query-pools.ts";
import { checksumOf } from "./base-index.ts";
import { compactWith } from "./compact.ts";
import { COMPACT_OPTIONS, type Compaction, type CompactOptions } from "./compact-options.ts";
import { measureCompacted } from "./measure-compacted.ts";
import { type Changes, type ChangesInOrder, inOrder } from "./resolved-changes.ts";

/** `compact` for Cloudflare Workers, documented in compact-inlined.ts: the modules are imported. */
export async function compact(
  file: Uint8Array,
  changes: Changes | ChangesInOrder,
  options: CompactOptions = {},
): Promise<Compaction> {
  const checked = functionOptions("compact", COMPACT_OPTIONS, options);
  const kernels = instantiateTrainKernels(train);
  const compacted = await compactWith(kernels, file, inOrder(changes), checked);
  const modules = { query, exact, scan };
  await measureCompacted(
    modules,
    checksumOf(kernels),
    compacted,
    checked,
    onThisThread(modules, instantiateTrainKernels(train)),
  );
  return { file: compacted.file, report: compacted.report };
}
