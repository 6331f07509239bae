// tfjs-wasm beside the library: the product of a batch with all rows. `npm ci` in bench/peers installs it.
import { fileURLToPath } from "node:url";
import type { Head } from "../heads.ts";
import { pathIn, requirePackage } from "../peers/packages.ts";
import { transposed } from "./transposed.ts";

const [CORE, WASM] = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm"] as const;

interface Tensor {
  dataSync(): Float32Array;
  dispose(): void;
}

interface Core {
  setBackend(name: "wasm"): Promise<boolean>;
  tensor2d(values: Float32Array, shape: readonly [number, number]): Tensor;
  matMul(left: Tensor, right: Tensor): Tensor;
}

interface Backend {
  setWasmPaths(folder: string): void;
  setThreadsCount(count: number): void;
}

/** Sets the backend up, with one thread. Returns a function that gives the scores of the queries, (n, itemCount). */
export async function openTfjsProduct({
  data,
  itemCount,
  dim,
}: Head): Promise<(queries: Float32Array) => Float32Array> {
  const core = requirePackage(CORE) as Core;
  const backend = requirePackage(WASM) as Backend;
  backend.setWasmPaths(fileURLToPath(pathIn(WASM, "dist/")));
  backend.setThreadsCount(1);
  if (!(await core.setBackend("wasm"))) throw new Error("tfjs-wasm did not start");
  const rows = core.tensor2d(transposed(data, itemCount, dim), [dim, itemCount]);
  return (queries) => {
    const batch = core.tensor2d(queries, [queries.length / dim, dim]);
    const product = core.matMul(batch, rows);
    const scores = product.dataSync();
    batch.dispose();
    product.dispose();
    return scores;
  };
}
