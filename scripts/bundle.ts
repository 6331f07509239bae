// dist/: the package's modules from src/ and worker/, with the kernels inlined or beside them, the command line, and the
// page. The kernels come first (npm run build:kernels). Writes THIRD-PARTY-NOTICES.txt for what the bundles contain of
// other projects.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { cliBundle } from "./cli-bundle.ts";
import { importedWasm } from "./imported-wasm.ts";
import { libraryBundle } from "./library-bundle.ts";
import { bundlePage } from "./page.ts";

const DIST = "dist";
/** What workerd.js imports, beside it. */
const MODULES = ["query.wasm", "whole.wasm", "scan.wasm", "scan-relaxed.wasm"] as const;

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
  build({ ...library, entryPoints: { worker: "worker/entry.ts" }, plugins: [importedLibrary] }),
  build({ ...library, entryPoints: { client: "worker/client.ts" }, banner: typesFor("client") }),
  build({ ...cliBundle, outdir: DIST, metafile: true }),
  bundlePage(`${DIST}/page`),
]);
for (const name of MODULES) cpSync(`build/${name}`, `${DIST}/${name}`);
writeNotices(bundles.map(({ metafile }) => metafile as Metafile));

/** Where JSR, which knows no `exports` with conditions, finds the types of a module. */
function typesFor(name: string): { js: string } {
  return { js: `/* @ts-self-types="./${name}.d.ts" */` };
}

function writeNotices(metafiles: Metafile[]): void {
  const packages = new Set<string>();
  for (const { inputs } of metafiles) {
    for (const path of Object.keys(inputs)) {
      const found = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
      if (found) packages.add(found[0]);
    }
  }
  const notices = [...packages].sort().map((folder) => {
    const { name, version, license, homepage } = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file
      ? readFileSync(folder + file, "utf8").trim()
      : `The package names the licence alone; see ${homepage}`;
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  writeFileSync(
    `${DIST}/THIRD-PARTY-NOTICES.txt`,
    `cli.js, worker.js and page/page.js contain parts of these packages.\n\n${notices.join(`\n${"-".repeat(72)}\n\n`)}`,
  );
}
