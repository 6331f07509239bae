import exact from "../../../build/exact.wasm";
import query from "../../../build/query.wasm";
import scan from "../../../build/scan-relaxed.wasm";
import train from "../../../build/train.wasm";
import type { Modules } from "../../memory/kernels.ts";
import { instantiateTrainKernels, type TrainKernels } from "../runtime/kernels.ts";

/** The modules of an index, for runtimes that compile nothing. */
export const IMPORTED_MODULES: Modules = { query, exact, scan };

/** Makes an instance of the train module. */
export const importedKernels = (): TrainKernels => instantiateTrainKernels(train);
