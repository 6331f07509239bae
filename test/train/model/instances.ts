import { readFileSync } from "node:fs";
import { instantiateModelKernels, type ModelKernels } from "../../../src/train/model/kernels.ts";

export const BUILDS = ["model.debug.wasm", "model.wasm"] as const;

/** Makes a fresh instance of one build of the model module. */
export function modelKernels(build: (typeof BUILDS)[number] = "model.wasm"): ModelKernels {
  const bytes = readFileSync(new URL(`../../../build/${build}`, import.meta.url));
  return instantiateModelKernels(new WebAssembly.Module(bytes));
}
