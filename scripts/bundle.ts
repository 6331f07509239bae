// dist/: the package's modules from src/ and worker/, with the kernels inlined or beside them, the command line, and the
// page. The kernels come first (npm run build:kernels). Writes THIRD-PARTY-NOTICES.txt for what the bundles contain of
// other projects.
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { cliBundle } from "./bundle/cli-bundle.ts";
import { importedWasm } from "./bundle/imported-wasm.ts";
import { libraryBundle } from "./bundle/library-bundle.ts";
import { bundlePage } from "./bundle/page-bundle.ts";
import { thirdPartyNotices } from "./bundle/third-party-notices.ts";
import { withoutUnusedHono } from "./bundle/without-unused-hono.ts";

const DIST = "dist";
/** The modules that workerd.js imports, beside it. */
const MODULES = ["query.wasm", "exact.wasm", "scan.wasm", "scan-relaxed.wasm"] as const;

/** The library is imported by its own name, so that whoever imports `midx` beside `midx/worker` has it once. */
const importedLibrary: Plugin = {
  name: "imported-library",
  setup({ onResolve }) {
    onResolve({ filter: /\/src\/workerd\.ts$/ }, () => ({ path: "midx", external: true }));
  },
};

const library: BuildOptions = { ...libraryBundle, outdir: DIST, metafile: true };

rmSync(DIST, { recursive: true, force: true });
const bundles = await Promise.all([
  build({ ...library, entryPoints: { index: "src/index.ts" }, banner: typesFor("index") }),
  build({ ...library, entryPoints: { train: "src/train/index.ts" }, banner: typesFor("train") }),
  build({ ...library, entryPoints: { workerd: "src/workerd.ts" }, plugins: [importedWasm] }),
  build({ ...library, entryPoints: { worker: "worker/entry.ts" }, plugins: [importedLibrary, withoutUnusedHono] }),
  build({ ...library, entryPoints: { client: "worker/client.ts" }, banner: typesFor("client") }),
  build({ ...cliBundle, outdir: DIST, metafile: true }),
  bundlePage(`${DIST}/page`),
]);
for (const name of MODULES) cpSync(`build/${name}`, `${DIST}/${name}`);
// As the folder of a Worker's static assets, dist/ is the page and the description: wrangler uploads nothing else of it.
writeFileSync(`${DIST}/.assetsignore`, "*\n!page\n!page/**\n!openapi.json\n");
const metafiles = bundles.flatMap(({ metafile }) => metafile ?? []);
writeFileSync(`${DIST}/THIRD-PARTY-NOTICES.txt`, thirdPartyNotices(".", metafiles));

/** Where JSR, which knows no `exports` with conditions, finds the types of a module. */
function typesFor(name: string): { js: string } {
  return { js: `/* @ts-self-types="./${name}.d.ts" */` };
}
