import { basename } from "node:path";
import type { Plugin } from "esbuild";

/** `x.wasm` stays an import of the file beside the bundle, which Workers turn into a module. */
export const importedWasm: Plugin = {
  name: "imported-wasm",
  setup({ onResolve }) {
    onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${basename(path)}`, external: true }));
  },
};
