// build/index.base.js: the library as if there were no relaxed SIMD, to weigh it (size-limit in package.json). Not shipped.
import { build, type Plugin } from "esbuild";
import { libraryBundle } from "./library-bundle.ts";

const withoutRelaxedSimd: Plugin = {
  name: "without-relaxed-simd",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /scan-relaxed\.wasm\?bytes$/ }, () => ({ path: "none", namespace: "no-bytes" }));
    onLoad({ filter: /.*/, namespace: "no-bytes" }, () => ({ contents: "export default new Uint8Array(0);" }));
  },
};

await build({
  ...libraryBundle,
  entryPoints: ["src/index.ts"],
  outfile: "build/index.base.js",
  plugins: [withoutRelaxedSimd, ...(libraryBundle.plugins ?? [])],
});
