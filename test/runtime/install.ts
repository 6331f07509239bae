// Runs before all tests of runtimes: packs the package, installs the tarball in an empty project, and adds the files
// that the tests run. The kernels must be compiled (npm run build:kernels).
import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle, type Plugin } from "esbuild";
import type { TestProject } from "vitest/node";
import { execute } from "./execute.ts";
import { oddFiles } from "./odd-files.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The project that the package is installed in. */
    installed: string;
  }
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default async function install(project: TestProject): Promise<() => void> {
  const installed = mkdtempSync(join(tmpdir(), "midx-installed-"));
  if (process.env.MIDX_BUILT === undefined) await bundlePackage();
  const packed = await execute(root, "npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", installed);
  const tarball = join(installed, packed.trim());
  writeFileSync(join(installed, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
  await execute(installed, "npm", "install", "--silent", "--offline", "--no-audit", "--no-fund", tarball);
  await layProgram(installed);
  await layTraining(join(installed, "worker"));
  await layExamples(installed);
  project.provide("installed", installed);
  return () => rmSync(installed, { recursive: true });
}

/** Bundles dist/, unless .ci/run states that it has built it. */
async function bundlePackage(): Promise<void> {
  await execute(root, process.execPath, "scripts/bundle.ts");
  await execute(root, "npm", "run", "--silent", "build:openapi");
  await execute(root, "npm", "run", "--silent", "build:types");
}

/** Writes the entries, the program.js that they share, and files.js with the indexes that it loads. */
async function layProgram(installed: string): Promise<void> {
  cpSync(here("entries"), installed, { recursive: true });
  const program = { entryPoints: [here("program/index.ts")], outfile: join(installed, "program.js") };
  await bundle({ ...program, bundle: true, format: "esm", platform: "neutral", target: "es2022" });
  const files = Object.entries(await oddFiles(join(installed, "node_modules/midx/dist/train.js"))).map(
    ([name, bytes]) => `export const ${name} = ${Array.isArray(bytes) ? `[${bytes.map(literal)}]` : literal(bytes)};\n`,
  );
  writeFileSync(join(installed, "files.js"), files.join(""));
}

/**
 * Writes midx/train with kernels that are imported, since a Worker cannot compile those that the package inlines. An imported
 * kernel is compiled and valid already.
 */
async function layTraining(folder: string): Promise<void> {
  const importedKernels: Plugin = {
    name: "imported-kernels",
    setup({ onResolve }) {
      onResolve({ filter: /\.wasm\?bytes$/ }, ({ path }) => {
        const kernels = basename(path, "?bytes");
        copyFileSync(join(root, "build", kernels), join(folder, kernels));
        return { path: `./${kernels}`, external: true };
      });
    },
  };
  const training = { entryPoints: [join(root, "src/train/index.ts")], outfile: join(folder, "train.js") };
  const target = { format: "esm", platform: "neutral", target: "es2022" } as const;
  const define = { "WebAssembly.compile": "Promise.resolve", "WebAssembly.validate": "Boolean" };
  await bundle({ ...training, ...target, bundle: true, define, plugins: [importedKernels] });
}

const literal = (bytes: Uint8Array): string =>
  `Uint8Array.from(atob("${Buffer.from(bytes).toString("base64")}"), (c) => c.charCodeAt(0))`;

/** Copies the examples, with the index that they need, built by the installed command. */
async function layExamples(installed: string): Promise<void> {
  cpSync(join(root, "examples"), join(installed, "examples"), { recursive: true });
  const [midx, folder] = [join(installed, "node_modules/.bin/midx"), join(installed, "examples/next-word")];
  const layer = ["head.safetensors", "--tensor", "weight", "--bias", "bias", "--calibrate", "off"];
  await execute(folder, midx, "build", ...layer, "-o", "next-word.midx");
}
