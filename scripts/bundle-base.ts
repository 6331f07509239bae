// build/index.base.js: the library as if there were no relaxed SIMD, to weigh it (size-limit in package.json). Not shipped.
import { build } from "esbuild";
import { inlinedWasm } from "./inlined-wasm.ts";

await build({
  entryPoints: ["src/index.ts"],
  outfile: "build/index.base.js",
  bundle: true,
  charset: "utf8",
  format: "esm",
  target: "es2022",
  platform: "neutral",
  minify: true,
  plugins: [
    {
      name: "without-relaxed-simd",
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /scan-relaxed\.wasm\?bytes$/ }, () => ({ path: "none", namespace: "no-bytes" }));
        onLoad({ filter: /.*/, namespace: "no-bytes" }, () => ({ contents: "export default new Uint8Array(0);" }));
      },
    },
    inlinedWasm,
  ],
});
