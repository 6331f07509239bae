// build/*.js from src/: one bundle per way of getting at the kernels, and the command line. The kernels come first
// (npm run build:kernels). Writes THIRD-PARTY-NOTICES.txt for what the bundles contain of other projects.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";

/**
 * `x.wasm?bytes` becomes the bytes, one character each: gzipped the bundle is 24.6 KB, with base64, which hides what
 * repeats, 28.0, with hexadecimal 25.5.
 */
const inlinedWasm: Plugin = {
  name: "inlined-wasm",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?bytes$/ }, ({ importer, path }) => ({
      path: resolve(dirname(importer), path.slice(0, -"?bytes".length)),
      namespace: "wasm-bytes",
    }));
    onLoad({ filter: /.*/, namespace: "wasm-bytes" }, async ({ path }) => ({
      contents: `export default Uint8Array.from(${JSON.stringify(await readFile(path, "latin1"))}, (c) => c.charCodeAt(0));`,
    }));
  },
};

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

const SHEBANG = "#!/usr/bin/env node\n";
/** commander and cli-progress are CommonJS and ask for Node's own modules. */
const REQUIRE = 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);';

const bundles = await Promise.all([
  build({ ...common, platform: "neutral", entryPoints: { index: "src/index.ts", train: "src/train/index.ts" } }),
  build({ ...common, platform: "neutral", entryPoints: { workerd: "src/workerd.ts" } }),
  build({
    ...common,
    platform: "node",
    entryPoints: { cli: "src/cli/main.ts" },
    banner: { js: SHEBANG + REQUIRE },
  }),
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
