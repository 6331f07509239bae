import queryBytes from "../../../build/query.wasm?bytes";
import trainBytes from "../../../build/train.wasm?bytes";
import type { Checksum } from "../../bytes/sealed-header.ts";
import { checksumWith } from "../../memory/checksum.ts";
import { instantiateQuery } from "../../memory/kernels.ts";
import { instantiateTrainKernels, type TrainKernels } from "./kernels.ts";

export const compileTrain = (): Promise<WebAssembly.Module> => WebAssembly.compile(trainBytes);

/** Makes the instances that one build runs on. `newInstance` makes another instance of the train kernels. */
export async function buildKernels(): Promise<{
  readonly train: TrainKernels;
  readonly checksum: Checksum;
  newInstance(): TrainKernels;
}> {
  const module = await compileTrain();
  const newInstance = (): TrainKernels => instantiateTrainKernels(module);
  const query = instantiateQuery(await WebAssembly.compile(queryBytes));
  return { train: newInstance(), newInstance, checksum: checksumWith(query) };
}
