import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Metafile } from "esbuild";

/** Returns the folders of packages whose code is in the bundles, each with the names of these bundles. */
export function bundledPackages(metafiles: readonly Metafile[]): Map<string, Set<string>> {
  const packages = new Map<string, Set<string>>();
  for (const { outputs } of metafiles) {
    for (const [output, { inputs }] of Object.entries(outputs)) {
      for (const path of Object.keys(inputs)) {
        const [folder] = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(path) ?? [];
        if (folder === undefined) continue;
        const bundles = packages.get(folder) ?? new Set();
        packages.set(folder, bundles.add(basename(output)));
      }
    }
  }
  return packages;
}

/** The folder of the compiler. Kernels contain parts of its standard library. */
const ASSEMBLYSCRIPT = "node_modules/assemblyscript/";
const KERNELS = "the kernels (*.wasm, and inlined in index.js, train.js, cli.js, cli-worker.js and page.js)";

/** Returns the names, versions and licences of all other projects whose code is in the package. */
export function thirdPartyNotices(root: string, metafiles: readonly Metafile[]): string {
  const places = [...bundledPackages(metafiles)].map(([folder, bundles]) => ({
    folder,
    place: [...bundles].sort().join(", "),
  }));
  const notices = [...places, { folder: ASSEMBLYSCRIPT, place: KERNELS }]
    .sort((a, b) => (a.folder < b.folder ? -1 : 1))
    .map(({ folder, place }) => noticeOf(join(root, folder), place));
  const line = `\n${"-".repeat(72)}\n\n`;
  return `This package contains parts of the following ones.\n${line}${notices.join(line)}`;
}

function noticeOf(folder: string, place: string): string {
  const { name, version, license, homepage } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const texts = readdirSync(folder)
    .filter((entry) => /^(licen[cs]e|notice)/i.test(entry))
    .sort()
    .map((entry) => readFileSync(join(folder, entry), "utf8").trim());
  if (texts.length === 0) texts.push(`The package names the licence alone; see ${homepage}`);
  return `${name} ${version} (${license})\nin ${place}\n\n${texts.join("\n\n")}\n`;
}
