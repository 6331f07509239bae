import { readFileSync } from "node:fs";
import { instantiateTrainKernels, type TrainKernels } from "../../src/train/runtime/kernels.ts";

export const BUILDS = ["train.debug.wasm", "train.wasm"] as const;

/** Makes a fresh instance of one build of the train module. */
export function trainKernels(build: (typeof BUILDS)[number] = "train.wasm"): TrainKernels {
  const bytes = readFileSync(new URL(`../../build/${build}`, import.meta.url));
  return instantiateTrainKernels(new WebAssembly.Module(bytes));
}
