// Makes bundles that size-limit (in package.json) measures and that are not shipped: build/index.base.js, the library without
// relaxed SIMD, and build/deployed.js, a Worker that is midx/worker, as wrangler bundles it from dist/.
import { build, type Plugin } from "esbuild";
import { kernelsBundle } from "./bundle/library-bundle.ts";

const withoutRelaxedSimd: Plugin = {
  name: "without-relaxed-simd",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /scan-relaxed\.wasm\?bytes$/ }, () => ({ path: "none", namespace: "no-bytes" }));
    onLoad({ filter: /.*/, namespace: "no-bytes" }, () => ({ contents: "export default new Uint8Array(0);" }));
  },
};

await build({
  ...kernelsBundle,
  entryPoints: ["src/index.ts"],
  outfile: "build/index.base.js",
  plugins: [withoutRelaxedSimd, ...(kernelsBundle.plugins ?? [])],
});

await build({
  stdin: { contents: 'export { default } from "./dist/worker.js";', resolveDir: "." },
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  alias: { midx: "./dist/workerd.js" },
  external: ["*.wasm"],
  outfile: "build/deployed.js",
  logLevel: "warning",
});
