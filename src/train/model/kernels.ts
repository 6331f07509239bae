import type { instantiate } from "../../../build/model.js";

/** Exports of the model module (assembly/train/model/), what a trainer runs. Everything above `heapBase()` is its own. */
export type ModelKernels = Awaited<ReturnType<typeof instantiate>>;

export function instantiateModelKernels(module: WebAssembly.Module): ModelKernels {
  return new WebAssembly.Instance(module, {}).exports as unknown as ModelKernels;
}
