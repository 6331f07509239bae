import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { build, type Plugin } from "esbuild";

/** Imports of a file by its path, of values and of types alike; both are paths from the root. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** esbuild forgets imports of types, so they are made imports of values; nothing is followed, as each file is asked for. */
const everyImport = (root: string): Plugin => ({
  name: "every-import",
  setup(plugins) {
    plugins.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/^(import|export) type (?=[{*]|\w+ from)/gm, "$1 "),
      loader: "ts",
    }));
    plugins.onResolve({ filter: /^\./ }, ({ path, importer, kind }) =>
      kind === "entry-point" ? undefined : { path: relative(root, join(dirname(importer), path)), external: true },
    );
  },
});

export async function readImports(root: string, files: readonly string[]): Promise<Imports> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...files],
    outdir: "unwritten",
    write: false,
    bundle: true,
    format: "esm",
    packages: "external",
    metafile: true,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    logLevel: "error",
    plugins: [everyImport(root)],
  });
  return new Map(Object.entries(metafile.inputs).map(([file, { imports }]) => [file, imports.map(({ path }) => path)]));
}

/** The files of each circle, in the order of their arrows. */
export function circlesIn(imports: Imports): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const begin = path.indexOf(file);
    if (begin >= 0) circles.push(path.slice(begin));
    if (begin >= 0 || done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return circles;
}
