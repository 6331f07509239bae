// Makes bundles that size-limit (in package.json) measures and that are not shipped: build/index.base.js, the library without
// relaxed SIMD, and build/deployed.js and build/deployed-….js, Workers that are midx/worker, midx/sequences, midx/part,
// midx/live, midx/live-sequences, midx/compactor and routers, as wrangler bundles them from dist/.
import { build, type Plugin } from "esbuild";
import { kernelsBundle } from "./bundle/library-bundle.ts";
import { buildMinified } from "./bundle/minified.ts";

const withoutRelaxedSimd: Plugin = {
  name: "without-relaxed-simd",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /scan-relaxed\.wasm\?bytes$/ }, () => ({ path: "none", namespace: "no-bytes" }));
    onLoad({ filter: /.*/, namespace: "no-bytes" }, () => ({ contents: "export default new Uint8Array(0);" }));
  },
};

await buildMinified({
  ...kernelsBundle,
  entryPoints: ["src/index.ts"],
  outfile: "build/index.base.js",
  plugins: [withoutRelaxedSimd, ...(kernelsBundle.plugins ?? [])],
});

/** Bundles a Worker that is nothing but an entry of the package, as wrangler does. */
const deployed = (contents: string, outfile: string) =>
  build({
    stdin: { contents, resolveDir: "." },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    alias: {
      "midx/compaction": "./dist/compaction-workerd.js",
      "midx/encoder": "./dist/encoder-workerd.js",
      midx: "./dist/workerd.js",
    },
    external: ["*.wasm"],
    outfile,
    logLevel: "warning",
  });

await deployed('export { default } from "./dist/worker.js";', "build/deployed.js");
await deployed('export { default } from "./dist/sequences.js";', "build/deployed-sequences.js");
const router = (option: string): string =>
  `import { changesBy, createRouter, sequencesBy } from "./dist/router.js"; export default createRouter(String, { hosts: Array${option} });`;
await deployed(router(""), "build/deployed-router.js");
await deployed(router(", sequences: sequencesBy(String)"), "build/deployed-router-sequences.js");
await deployed(router(", changes: changesBy({ log: Array })"), "build/deployed-router-changes.js");
await deployed(
  `import { inBucket, manifestAt, partObject } from "./dist/part.js";
export const Part = partObject((env) => manifestAt(inBucket(env.INDEX), "words/current.json"));
export default { fetch: () => new Response() };`,
  "build/deployed-part.js",
);
await deployed('export { IndexLog, default } from "./dist/live.js";', "build/deployed-live.js");
await deployed('export { IndexLog, default } from "./dist/live-sequences.js";', "build/deployed-live-sequences.js");
await deployed('export { default } from "./dist/compactor-workerd.js";', "build/deployed-compactor.js");
