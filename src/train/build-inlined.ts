import queryBytes from "../../build/query.wasm?bytes";
import trainBytes from "../../build/train.wasm?bytes";
import { checksumWith } from "../checksum.ts";
import { instantiateQuery } from "../kernels.ts";
import { buildWith } from "./build.ts";
import type { BuildOptions, Matrix } from "./build-input.ts";
import { instantiateTrainKernels } from "./kernels.ts";

/**
 * Builds an index file from the rows of a softmax layer or an embedding table. The same input, options and seed give
 * the same bytes in every runtime.
 *
 * @example
 * const file = await build({ data, shape: [10_000, 100] }, { bias, rows: "i8", seed: 1 });
 */
export async function build(embeddings: Matrix, options: BuildOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const train = instantiateTrainKernels(await WebAssembly.compile(trainBytes));
  const query = instantiateQuery(await WebAssembly.compile(queryBytes));
  return buildWith(train, checksumWith(query), embeddings, options);
}
