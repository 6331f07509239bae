import queryBytes from "../build/query.wasm?bytes";
import scanBytes from "../build/scan.wasm?bytes";
import relaxedScanBytes from "../build/scan-relaxed.wasm?bytes";
import wholeBytes from "../build/whole.wasm?bytes";
import type { Modules } from "./kernels.ts";

let compiled: Promise<Modules> | undefined;

/** The modules that the bundle holds, compiled once. */
export function compileInlined(): Promise<Modules> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<Modules> {
  const [query, whole, scan] = await Promise.all([
    WebAssembly.compile(queryBytes),
    WebAssembly.compile(wholeBytes),
    WebAssembly.compile(WebAssembly.validate(relaxedScanBytes) ? relaxedScanBytes : scanBytes),
  ]);
  return { query, whole, scan };
}
