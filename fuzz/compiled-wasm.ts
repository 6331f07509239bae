import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Plugin } from "esbuild";

/** Inlines `x.wasm` as a compiled module. The fuzzer covers all TypeScript of a bundle, but not the kernels. */
export const compiledWasm: Plugin = {
  name: "compiled-wasm",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path),
      namespace: "wasm-module",
    }));
    onLoad({ filter: /.*/, namespace: "wasm-module" }, async ({ path }) => {
      const base64 = JSON.stringify(await readFile(path, "base64"));
      return { contents: `export default new WebAssembly.Module(Buffer.from(${base64}, "base64"));` };
    });
  },
};
