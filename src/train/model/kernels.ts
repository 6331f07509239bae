import type { instantiate } from "../../../build/model.js";

/** Exports of the model module (assembly/train/model/). A training owns all memory above `heapBase()`. */
export type ModelKernels = Awaited<ReturnType<typeof instantiate>>;

export function instantiateModelKernels(module: WebAssembly.Module): ModelKernels {
  return new WebAssembly.Instance(module, {}).exports as unknown as ModelKernels;
}
