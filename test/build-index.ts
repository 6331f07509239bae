import query from "../build/query.wasm";
import train from "../build/train.wasm";
import { checksumWith } from "../src/memory/checksum.ts";
import { instantiateQuery } from "../src/memory/kernels.ts";
import { buildWith } from "../src/train/build/build.ts";
import type { InternalBuildOptions } from "../src/train/build/build-plan.ts";
import type { Matrix } from "../src/train/rows/matrix.ts";
import { instantiateTrainKernels } from "../src/train/runtime/kernels.ts";

/**
 * `build` of midx/train for suites that also run in workerd, which compiles no bytes. Here the modules are imported.
 */
export function buildIndex(embeddings: Matrix, options: InternalBuildOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  return buildWith(instantiateTrainKernels(train), checksumWith(instantiateQuery(query)), embeddings, options);
}
