// Bundles the package into dist/: its modules from src/ and worker/, with the kernels inlined or beside them, the command line
// and the page. It needs the kernels (npm run build:kernels). It also writes THIRD-PARTY-NOTICES.txt for the code of other
// projects in the bundles.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { cliBundle } from "./bundle/cli-bundle.ts";
import { importedWasm } from "./bundle/imported-wasm.ts";
import { kernelNames, kernelsBundle } from "./bundle/library-bundle.ts";
import { buildMinified } from "./bundle/minified.ts";
import { bundlePage } from "./bundle/page-bundle.ts";
import { thirdPartyNotices } from "./bundle/third-party-notices.ts";
import { withoutUnusedHono } from "./bundle/without-unused-hono.ts";

const DIST = "dist";
/** The modules that workerd.js imports, beside it, and those for `load` with modules. */
const MODULES = [
  "query.wasm",
  "exact.wasm",
  "scan.wasm",
  "scan-relaxed.wasm",
  "batch.wasm",
  "encoder.wasm",
  "train.wasm",
] as const;

/**
 * Imports the library, its FormatError and the compaction by their own names, so that a program with `midx` and `midx/worker`
 * contains them only once.
 */
const importedLibrary: Plugin = {
  name: "imported-library",
  setup({ onResolve }) {
    onResolve({ filter: /\/src\/workerd\.ts$|\/format-error\.ts$/ }, () => ({ path: "midx", external: true }));
    const path = "midx/compaction";
    onResolve({ filter: /\/src\/train\/compaction\/workerd\.ts$/ }, () => ({ path, external: true }));
    onResolve({ filter: /\/src\/encoder\/workerd\.ts$/ }, () => ({ path: "midx/encoder", external: true }));
  },
};

/** Imports midx/live from beside it, so that the package contains it only once. */
const importedLive: Plugin = {
  name: "imported-live",
  setup({ onResolve }) {
    onResolve({ filter: /\/live\.ts$/ }, () => ({ path: "./live.js", external: true }));
  },
};

// Indexes pass from one bundle to another, so all have the same short names.
const library: BuildOptions = { ...kernelsBundle, outdir: DIST };

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST);
const bundles = await Promise.all([
  buildMinified({ ...library, entryPoints: { index: "src/index.ts" }, banner: typesFor("index") }),
  buildMinified({ ...library, entryPoints: { train: "src/train/index.ts" }, banner: typesFor("train") }),
  buildMinified({ ...library, entryPoints: { parts: "src/parts/index.ts" }, banner: typesFor("parts") }),
  buildMinified({ ...library, entryPoints: { encoder: "src/encoder/index.ts" }, banner: typesFor("encoder") }),
  buildMinified({ ...library, entryPoints: { "encoder-workerd": "src/encoder/workerd.ts" }, plugins: [importedWasm] }),
  buildMinified({ ...library, entryPoints: { changes: "src/changes/index.ts" }, banner: typesFor("changes") }),
  buildMinified({
    ...library,
    entryPoints: { compaction: "src/train/compaction/index.ts" },
    banner: typesFor("compaction"),
  }),
  buildMinified({
    ...library,
    entryPoints: { "compaction-workerd": "src/train/compaction/workerd.ts" },
    plugins: [importedWasm],
  }),
  buildMinified({ ...library, entryPoints: { threads: "src/threads/index.ts" }, banner: typesFor("threads") }),
  buildMinified({ ...library, entryPoints: { workerd: "src/workerd.ts" }, plugins: [importedWasm] }),
  buildMinified({
    ...library,
    entryPoints: { worker: "worker/entry.ts" },
    plugins: [importedLibrary, withoutUnusedHono],
  }),
  buildMinified(
    { ...library, entryPoints: { part: "worker/part.ts" }, plugins: [importedLibrary, withoutUnusedHono] },
    { isShaken: true },
  ),
  buildMinified(
    { ...library, entryPoints: { router: "worker/router.ts" }, plugins: [withoutUnusedHono] },
    { isShaken: true },
  ),
  buildMinified({
    ...library,
    entryPoints: { sequences: "worker/sequences.ts" },
    plugins: [importedLibrary, withoutUnusedHono],
  }),
  buildMinified(
    { ...library, entryPoints: { live: "worker/live.ts" }, plugins: [importedLibrary, withoutUnusedHono] },
    { isShaken: true },
  ),
  buildMinified({
    ...library,
    entryPoints: { "live-sequences": "worker/live-sequences.ts" },
    plugins: [importedLibrary, importedLive],
  }),
  buildMinified({
    ...library,
    entryPoints: { compactor: "worker/compactor.ts" },
    plugins: [importedLibrary, withoutUnusedHono],
  }),
  // A Worker of its own, with nothing beside it: imported, library and compaction would each bring the library.
  buildMinified({
    ...library,
    entryPoints: { "compactor-workerd": "worker/compactor.ts" },
    plugins: [importedWasm],
  }),
  buildMinified({ ...library, entryPoints: { client: "worker/client.ts" }, banner: typesFor("client") }),
  build({ ...cliBundle, outdir: DIST, metafile: true }),
  bundlePage(`${DIST}/page`),
]);
for (const name of MODULES) writeFileSync(`${DIST}/${name}`, kernelNames.shorten(readFileSync(`build/${name}`)));
// If dist/ is the folder of a Worker's static assets, wrangler uploads only the page and the OpenAPI descriptions.
writeFileSync(
  `${DIST}/.assetsignore`,
  "*\n!page\n!page/**\n!openapi.json\n!sequences-openapi.json\n!live-openapi.json\n!live-sequences-openapi.json\n",
);
// Bun and esbuild, which wrangler runs, look for this file. That of the checkout would lead them to the sources of midx.
writeFileSync(`${DIST}/tsconfig.json`, "{}\n");
const metafiles = bundles.flatMap(({ metafile }) => metafile ?? []);
writeFileSync(`${DIST}/THIRD-PARTY-NOTICES.txt`, thirdPartyNotices(".", metafiles));

/** Returns the comment by which JSR finds the types of a module, since it does not support conditional `exports`. */
function typesFor(name: string): { js: string } {
  return { js: `/* @ts-self-types="./${name}.d.ts" */` };
}
