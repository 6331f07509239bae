import { readFileSync } from "node:fs";
import { instantiateModelKernels, type ModelKernels } from "../../../src/train/model/kernels.ts";
import { EVERY } from "../../run/size.ts";

/** The builds that suites run: the one that ships, and in `npm run test:cases` the one with assertions too. */
export const BUILDS = EVERY ? (["model.debug.wasm", "model.wasm"] as const) : (["model.wasm"] as const);

/** Makes a fresh instance of one build of the model module. */
export function modelKernels(build: (typeof BUILDS)[number] = "model.wasm"): ModelKernels {
  const bytes = readFileSync(new URL(`../../../build/${build}`, import.meta.url));
  return instantiateModelKernels(new WebAssembly.Module(bytes));
}
