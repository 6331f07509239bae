// build/*.js from src/: one bundle per way of getting at the kernels, and the command line. The kernels come first
// (npm run build:kernels). Writes THIRD-PARTY-NOTICES.txt for what the bundles contain of other projects.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { cliBundle } from "./cli-bundle.ts";
import { inlinedWasm } from "./inlined-wasm.ts";

/** `x.wasm` stays an import of the file beside the bundle, which Workers turn into a module. */
const importedWasm: Plugin = {
  name: "imported-wasm",
  setup({ onResolve }) {
    onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${basename(path)}`, external: true }));
  },
};

const common: BuildOptions = {
  bundle: true,
  charset: "utf8",
  format: "esm",
  target: "es2022",
  minify: true,
  outdir: "build",
  metafile: true,
  logLevel: "warning",
  plugins: [inlinedWasm, importedWasm],
};

const bundles = await Promise.all([
  build({ ...common, platform: "neutral", entryPoints: { index: "src/index.ts", train: "src/train/index.ts" } }),
  build({ ...common, platform: "neutral", entryPoints: { workerd: "src/workerd.ts" } }),
  build({ ...cliBundle, outdir: "build", metafile: true }),
]);
writeNotices(bundles.map(({ metafile }) => metafile as Metafile));

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
    "build/THIRD-PARTY-NOTICES.txt",
    `The command line contains parts of these packages.\n\n${notices.join(`\n${"-".repeat(72)}\n\n`)}`,
  );
}
