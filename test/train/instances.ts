import { readFileSync } from "node:fs";
import { instantiateTrainKernels, type TrainKernels } from "../../src/train/runtime/kernels.ts";
import { EVERY } from "../run/size.ts";

/** The build with assertions, and the one that ships. */
export const BOTH = ["train.debug.wasm", "train.wasm"] as const;

/** The builds that suites run: the one that ships, and in `npm run test:cases` both. */
export const BUILDS: readonly (typeof BOTH)[number][] = EVERY ? BOTH : ["train.wasm"];

/** Makes a fresh instance of one build of the train module. */
export function trainKernels(build: (typeof BOTH)[number] = "train.wasm"): TrainKernels {
  const bytes = readFileSync(new URL(`../../build/${build}`, import.meta.url));
  return instantiateTrainKernels(new WebAssembly.Module(bytes));
}
