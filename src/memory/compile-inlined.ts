import batchBytes from "../../build/batch.wasm?bytes";
import exactBytes from "../../build/exact.wasm?bytes";
import queryBytes from "../../build/query.wasm?bytes";
import scanBytes from "../../build/scan.wasm?bytes";
import relaxedScanBytes from "../../build/scan-relaxed.wasm?bytes";
import type { Modules } from "./kernels.ts";
import type { Simd } from "./load-options.ts";
import type { ChangeModule } from "./threads.ts";

const batch = compiledOnce(batchBytes);
const query = compiledOnce(queryBytes);
const exact = compiledOnce(exactBytes);
const scan = compiledOnce(scanBytes);
const relaxedScan = compiledOnce(relaxedScanBytes);

/** Compiles the modules in the bundle, each when it is first needed, or what `change` makes of them. */
export async function compileInlined(simd: Simd = "auto", change?: ChangeModule): Promise<Modules> {
  const takesRelaxed = simd === "auto" && WebAssembly.validate(relaxedScanBytes);
  const scanOf = takesRelaxed ? relaxedScan : scan;
  const modules = await Promise.all([query(change), exact(change), scanOf(change), batch(change)]);
  return { query: modules[0], exact: modules[1], scan: modules[2], batch: modules[3] };
}

function compiledOnce(bytes: Uint8Array<ArrayBuffer>): (change?: ChangeModule) => Promise<WebAssembly.Module> {
  let compiled: Promise<WebAssembly.Module> | undefined;
  return (change) => {
    if (change) return WebAssembly.compile(change(bytes));
    compiled ??= WebAssembly.compile(bytes);
    return compiled;
  };
}
