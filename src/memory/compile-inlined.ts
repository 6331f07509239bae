import batchBytes from "../../build/batch.wasm?bytes";
import exactBytes from "../../build/exact.wasm?bytes";
import queryBytes from "../../build/query.wasm?bytes";
import scanBytes from "../../build/scan.wasm?bytes";
import relaxedScanBytes from "../../build/scan-relaxed.wasm?bytes";
import type { Modules } from "./kernels.ts";
import type { Simd } from "./load-options.ts";

const batch = compiledOnce(batchBytes);
const query = compiledOnce(queryBytes);
const exact = compiledOnce(exactBytes);
const scan = compiledOnce(scanBytes);
const relaxedScan = compiledOnce(relaxedScanBytes);

/** Compiles the modules in the bundle, each when it is first needed. */
export async function compileInlined(simd: Simd = "auto"): Promise<Modules> {
  const takesRelaxed = simd === "auto" && WebAssembly.validate(relaxedScanBytes);
  const modules = await Promise.all([query(), exact(), takesRelaxed ? relaxedScan() : scan(), batch()]);
  return { query: modules[0], exact: modules[1], scan: modules[2], batch: modules[3] };
}

function compiledOnce(bytes: Uint8Array<ArrayBuffer>): () => Promise<WebAssembly.Module> {
  let compiled: Promise<WebAssembly.Module> | undefined;
  return () => {
    compiled ??= WebAssembly.compile(bytes);
    return compiled;
  };
}
