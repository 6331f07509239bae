import { basename } from "node:path";
import type { Plugin } from "esbuild";

/** Keeps `x.wasm` as an import of the file beside the bundle, which Workers compile to a module. */
export const importedWasm: Plugin = {
  name: "imported-wasm",
  setup({ onResolve }) {
    onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${basename(path)}`, external: true }));
  },
};
