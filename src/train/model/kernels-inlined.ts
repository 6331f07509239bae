import modelBytes from "../../../build/model.wasm?bytes";
import { instantiateModelKernels, type ModelKernels } from "./kernels.ts";

/** A fresh instance. */
export const modelKernels = async (): Promise<ModelKernels> =>
  instantiateModelKernels(await WebAssembly.compile(modelBytes));
